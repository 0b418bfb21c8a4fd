#include "edgert/memory/regions.h"

#include <new>

#include "edgert/memory/pooled_block.h"
#include "edgert/memory/run_mask.h"

namespace edgert {
namespace {

constexpr std::size_t kPlaces = 64;
constexpr std::size_t kFewest = 4;  // places of a piece, so that less than a quarter is wasted
// Of a region, beside what is planned: each piece ends somewhere in its last place.
constexpr std::size_t kSpare = 8;

}  // namespace

// Made in its first place's slot when it is taken; who has the place has the slot.
struct Regions::Piece : Buffer {
  Piece(Region* of, BufferPool::Core* from, int at, int places, std::byte* data, std::size_t bytes)
      : Buffer(data, bytes, {}, &give_back, kBufferSlack),
        region(of),
        pool(from),
        first(at),
        count(places) {}
  static void give_back(Buffer* buffer) noexcept;

  Region* region;
  BufferPool::Core* pool;
  int first, count;
};

struct Regions::Region {
  Region(std::byte* memory, std::size_t a_place) : data(memory), place(a_place) {}
  ~Region() { std::free(data); }
  Buffer* take(BufferPool::Core* pool, std::size_t bytes, std::atomic<std::size_t>& used);
  void note_used(std::size_t end, std::atomic<std::size_t>& used);

  std::byte* data;
  std::size_t place;  // bytes of one
  RunMask mask;
  std::atomic<std::size_t> high{0};  // bytes from the start that were ever used
  struct Slot {
    alignas(Piece) std::byte room[sizeof(Piece)];
  };
  std::array<Slot, kPlaces> slots;
};

void Regions::Piece::give_back(Buffer* buffer) noexcept {
  auto* piece = static_cast<Piece*>(buffer);
  BufferPool::Core* const pool = piece->pool;
  RunMask& mask = piece->region->mask;
  const int first = piece->first, count = piece->count;
  // From here on the slot may be another's. The pool keeps the region alive.
  mask.give(first, count);
  pool->release();
}

void Regions::Region::note_used(std::size_t end, std::atomic<std::size_t>& used) {
  std::size_t before = high.load(std::memory_order_relaxed);
  while (before < end)
    if (high.compare_exchange_weak(before, end, std::memory_order_relaxed)) {
      used.fetch_add(end - before, std::memory_order_relaxed);
      return;
    }
}

Buffer* Regions::Region::take(BufferPool::Core* pool, std::size_t bytes,
                              std::atomic<std::size_t>& used) {
  const std::size_t count = (bytes + place - 1) / place;
  if (count < kFewest || count > kPlaces) return nullptr;
  const int first = mask.take(static_cast<int>(count));
  if (first < 0) return nullptr;
  const auto at = static_cast<std::size_t>(first);
  note_used(at * place + bytes, used);
  return new (slots[at].room)
      Piece(this, pool, first, static_cast<int>(count), data + at * place, bytes);
}

Regions::~Regions() {
  for (std::atomic<Region*>& region : regions_) delete region.load(std::memory_order_relaxed);
}

// Who comes first makes it; another's is let go.
Regions::Region* Regions::make(std::size_t bytes, std::atomic<Region*>& place) const {
  const std::size_t exact = (bytes + kPlaces - kSpare - 1) / (kPlaces - kSpare);
  const std::size_t size = (exact + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  auto* memory = static_cast<std::byte*>(allocate_aligned(size * kPlaces));
  if (!memory) return nullptr;
  auto* made = new Region(memory, size);
  Region* there = nullptr;
  // Release: what is in it. Acquire: what is in another's.
  if (place.compare_exchange_strong(there, made, std::memory_order_acq_rel)) return made;
  delete made;
  return there;
}

Buffer* Regions::take(BufferPool::Core* pool, std::size_t bytes, std::atomic<std::size_t>& used) {
  const std::size_t planned = planned_.load(std::memory_order_relaxed);
  for (std::atomic<Region*>& place : regions_) {
    Region* region = place.load(std::memory_order_acquire);  // what its maker wrote
    if (!region) {
      const bool fits = bytes <= planned && bytes >= planned / kPlaces * kFewest;
      region = fits ? make(planned, place) : nullptr;
    }
    if (!region) return nullptr;
    if (Buffer* piece = region->take(pool, bytes, used)) return piece;
  }
  return nullptr;
}

}  // namespace edgert
