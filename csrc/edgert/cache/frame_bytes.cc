#include "edgert/cache/frame_bytes.h"

#include <array>
#include <cstring>

namespace edgert {
namespace {

// Calls `use(bytes, count)` for each run of bytes without a hole, in order, while it says true.
template <class Use>
bool each_run(const Frame& frame, Use&& use) {
  if (frame.kind != FrameKind::kImage) {
    const Tensor& samples = frame.samples;
    if (samples.contiguous()) return use(samples.bytes_data(), samples.bytes());
    const std::size_t row = samples.bytes() / static_cast<std::size_t>(samples.shape()[0]);
    for (std::int64_t i = 0; i < samples.shape()[0]; ++i)
      if (!use(samples.bytes_data() + static_cast<std::size_t>(i) * samples.row_step(), row))
        return false;
    return true;
  }
  for (int i = 0; i < frame.plane_count; ++i) {
    const Plane& plane = frame.planes[static_cast<std::size_t>(i)];
    const auto* data = reinterpret_cast<const std::byte*>(plane.data);
    const std::int64_t row =
        std::int64_t{plane.width} * plane_layout(frame.image.pixel, i, 0, 0).sample_bytes;
    if (plane.stride == row) {
      if (!use(data, static_cast<std::size_t>(row * plane.height))) return false;
      continue;
    }
    for (int y = 0; y < plane.height; ++y)
      if (!use(data + y * plane.stride, static_cast<std::size_t>(row))) return false;
  }
  return true;
}

bool mapped(const Frame& frame) {
  if (frame.kind != FrameKind::kImage) return static_cast<bool>(frame.samples);
  for (int i = 0; i < frame.plane_count; ++i)
    if (!frame.planes[static_cast<std::size_t>(i)].data) return false;
  return frame.plane_count > 0;
}

}  // namespace

FrameForm form_of(const Frame& frame) {
  FrameForm form;
  form.kind = frame.kind;
  form.last = frame.last;
  if (!mapped(frame)) return form;
  if (frame.kind == FrameKind::kImage) {
    form.image = frame.image;
  } else {
    if (frame.kind == FrameKind::kAudio) form.audio = frame.audio;
    form.audio.dtype = frame.samples.dtype();
    form.rows = frame.samples.shape()[0];
    form.columns = frame.samples.shape().rank() > 1 ? frame.samples.shape()[1] : 1;
  }
  each_run(frame, [&](const std::byte*, std::size_t size) {
    form.bytes += size;
    return true;
  });
  return form;
}

Hash128 hash_of(const Frame& frame, const FrameForm& form, const HashKey& key) {
  KeyedHasher hasher(key);
  const std::array<std::int64_t, 14> words{static_cast<std::int64_t>(form.kind),
                                           static_cast<std::int64_t>(form.image.pixel),
                                           form.image.width,
                                           form.image.height,
                                           static_cast<std::int64_t>(form.image.range),
                                           static_cast<std::int64_t>(form.image.matrix),
                                           static_cast<std::int64_t>(form.image.siting),
                                           form.audio.rate,
                                           form.audio.channels,
                                           static_cast<std::int64_t>(form.audio.dtype),
                                           form.audio.max_chunk,
                                           form.rows,
                                           form.columns,
                                           form.last ? 1 : 0};
  hasher.bytes(words.data(), sizeof words);
  each_run(frame, [&](const std::byte* data, std::size_t size) {
    hasher.bytes(data, size);
    return true;
  });
  return hasher.digest();
}

void copy_bytes(const Frame& frame, std::byte* into) {
  each_run(frame, [&](const std::byte* data, std::size_t size) {
    std::memcpy(into, data, size);
    into += size;
    return true;
  });
}

bool same_bytes(const Frame& frame, const std::byte* others) {
  return each_run(frame, [&](const std::byte* data, std::size_t size) {
    const bool same = std::memcmp(data, others, size) == 0;
    others += size;
    return same;
  });
}

}  // namespace edgert
