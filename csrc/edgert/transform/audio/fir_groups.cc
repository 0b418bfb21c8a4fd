#include "edgert/transform/audio/fir_groups.h"

#include <algorithm>

namespace edgert {
namespace {

constexpr std::int64_t kVector = sound::kFirGroups, kMostFours = 13 * kVector;

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

float* aligned(float* place) {
  constexpr std::uintptr_t kBytes = kVector * sizeof(float);
  const std::uintptr_t beyond = reinterpret_cast<std::uintptr_t>(place) % kBytes;
  return beyond == 0 ? place : place + (kBytes - beyond) / sizeof(float);
}

}  // namespace

void FirGroups::reset() {
  std::fill(past_.begin(), past_.end(), 0.0F);
  base_ = next_ = 0;
}

// Of the vectors in which fours are computed, as few blocks as fit the first cache, of one size.
FirGroups::Blocks FirGroups::blocks(std::int64_t outputs) const {
  const std::int64_t fours = (outputs + together_ * up_ - 1) / (together_ * up_);
  const std::int64_t count = (fours + kMostFours - 1) / kMostFours;
  const std::int64_t size =
      rounded_up((fours + count - 1) / std::max<std::int64_t>(count, 1), kVector);
  const std::int64_t columns = std::min(fours, size) + seen_;
  return {count, size, rounded_up(columns + reaches_, kVector), rounded_up(columns, kVector)};
}

// A block's edges, planes, parts and sums; vectors may read one vector beyond each of these, of
// which no output that counts comes.
std::int64_t FirGroups::room() const {
  const std::int64_t plane = rounded_up(kMostFours + seen_ + reaches_, kVector) + kVector;
  const auto parts = static_cast<std::int64_t>(parts_.size());
  const std::int64_t in_parts = parts > 1 ? parts * (planes_ / together_) * plane : 0;
  return planes_ * plane + std::max(2 * dealt_ * plane, in_parts) + parts * up_ * kMostFours +
         3 * kVector;
}

std::int64_t FirGroups::process(const float* in, std::int64_t count, float* work, float* out) {
  // Of the group at base_ and those behind it, all whose last input has come.
  const std::int64_t inputs = std::max<std::int64_t>(count - half_ - base_, 0);
  const std::int64_t ready = std::max((inputs + down_ - 1) / down_ * up_, next_);
  const std::int64_t written = ready - next_;
  if (written > 0) filter({in, count}, ready, aligned(work), out);
  keep({in, count});
  base_ += ready / (together_ * up_) * together_ * down_ - count;
  next_ = ready % (together_ * up_);
  return written;
}

void FirGroups::keep(const Chunk& chunk) {
  const auto size = static_cast<std::int64_t>(past_.size());
  const std::int64_t fresh = std::min(size, chunk.count);
  std::copy(past_.begin() + fresh, past_.end(), past_.begin());
  std::copy_n(chunk.in + chunk.count - fresh, fresh, past_.end() - fresh);
}

void FirGroups::filter(const Chunk& chunk, std::int64_t ready, float* work, float* out) const {
  const Blocks block = blocks(ready);
  const std::int64_t outputs = together_ * up_ * block.fours;
  std::int64_t first = base_ - back_;
  for (std::int64_t begin = 0; begin < ready; begin += outputs, first += dealt_ * block.fours) {
    const std::int64_t from = std::max(begin, next_), to = std::min(begin + outputs, ready);
    filter_block(chunk, first, block, work, from - begin, to - from, out);
    out += to - from;
  }
}

void FirGroups::filter_block(const Chunk& chunk, std::int64_t first, const Blocks& block,
                             float* work, std::int64_t skipped, std::int64_t count,
                             float* out) const {
  const std::int64_t size = block.columns;
  float* rest = planes_of(chunk, first, block, work);
  const float* from = work;
  if (parts_.size() > 1) {
    from = rest;
    rest = differ(work, size, rest);
  }
  const std::int64_t in_part = planes_ / together_ * size, out_part = up_ * block.fours;
  float* to = rest;
  for (const FirBank& part : parts_) {
    part.run(*kernels_, from, size, block.fours, to);
    from += in_part, to += out_part;
  }
  if (parts_.size() > 1) kernels_->gather(rest, up_, block.fours);
  kernels_->merge(rest, block.fours, together_ * up_, skipped, count, out);
}

// The inputs' planes are of no use once they are halved, so that what follows may lie there.
float* FirGroups::planes_of(const Chunk& chunk, std::int64_t first, const Blocks& block,
                            float* work) const {
  float* rest = work + planes_ * block.columns;
  if (halvings_.empty()) {
    deal(chunk, first, block.columns, work, rest);
    return rest + kVector;
  }
  deal(chunk, first, block.dealt, rest, rest + dealt_ * block.dealt);
  for (const FirBank& four : halvings_) {
    four.run(*kernels_, rest, block.dealt, block.columns, work);
    work += 4 * block.columns;
  }
  return rest + kVector;
}

// Straight from the chunk where vectors of columns lie inside it.
void FirGroups::deal(const Chunk& chunk, std::int64_t first, std::int64_t columns, float* planes,
                     float* edge) const {
  const std::int64_t before = std::max<std::int64_t>(-first, 0);
  const std::int64_t begin = std::min(rounded_up((before + dealt_ - 1) / dealt_, kVector), columns);
  const std::int64_t inside = std::max<std::int64_t>(chunk.count - first, 0) / dealt_;
  const std::int64_t end = std::clamp(inside / kVector * kVector, begin, columns);
  deal_edge(chunk, first, begin, planes, columns, edge);
  kernels_->split(chunk.in + first + begin * dealt_, dealt_, end - begin, planes + begin, columns);
  deal_edge(chunk, first + end * dealt_, columns - end, planes + end, columns, edge);
}

// With what came before the chunk, and zeros behind it, which no output that counts sees.
void FirGroups::deal_edge(const Chunk& chunk, std::int64_t first, std::int64_t columns,
                          float* planes, std::int64_t size, float* edge) const {
  if (columns == 0) return;
  const std::int64_t end = first + columns * dealt_;
  const std::int64_t old = std::clamp<std::int64_t>(-first, 0, columns * dealt_);
  const std::int64_t fresh = std::max<std::int64_t>(std::min(end, chunk.count) - first - old, 0);
  float* to = std::copy_n(past_.end() + std::min<std::int64_t>(first, 0), old, edge);
  to = std::copy_n(chunk.in + std::max<std::int64_t>(first, 0), fresh, to);
  std::fill(to, edge + columns * dealt_, 0.0F);
  kernels_->split(edge, dealt_, columns, planes, size);
}

// Parts without weights are not computed.
float* FirGroups::differ(const float* planes, std::int64_t size, float* parts) const {
  const std::int64_t down = planes_ / together_;
  for (std::int64_t d = 0; d < down; ++d) {
    float* of_plane[sound::kFirParts];
    for (std::int64_t part = 0; part < sound::kFirParts; ++part) {
      const std::int64_t place = part * down + d;
      of_plane[part] = used_[static_cast<std::size_t>(place)] ? parts + place * size : nullptr;
    }
    kernels_->differ(planes + d * size, down * size, size, of_plane);
  }
  return parts + sound::kFirParts * down * size + kVector;
}

}  // namespace edgert
