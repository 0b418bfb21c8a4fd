#include "edgert/lease/placement.h"

#include <cstring>

namespace edgert {
namespace {

constexpr std::size_t kPlaneAlignment = 64;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kPlaneAlignment - 1) / kPlaneAlignment * kPlaneAlignment;
}

std::size_t row_bytes(const Frame& frame, int plane) {
  const int bytes = plane_layout(frame.image.pixel, plane, 0, 0).sample_bytes;
  return static_cast<std::size_t>(frame.planes[static_cast<std::size_t>(plane)].width) *
         static_cast<std::size_t>(bytes);
}

void describe(const Frame& frame, lease_wire::Grant& grant) {
  grant.sequence = frame.sequence;
  grant.capture = frame.capture;
  grant.media_time = frame.media_time;
  grant.gap = frame.gap_before;
  grant.kind = static_cast<std::uint8_t>(frame.kind);
  if (frame.kind == FrameKind::kImage) {
    grant.pixel = static_cast<std::uint8_t>(frame.image.pixel);
    grant.range = static_cast<std::uint8_t>(frame.image.range);
    grant.matrix = static_cast<std::uint8_t>(frame.image.matrix);
    grant.siting = static_cast<std::uint8_t>(frame.image.siting);
    grant.width = frame.image.width;
    grant.height = frame.image.height;
    grant.plane_count = frame.plane_count;
    return;
  }
  grant.dtype = static_cast<std::uint8_t>(frame.samples.dtype());
  grant.rate = frame.kind == FrameKind::kAudio ? frame.audio.rate : 0;
  grant.shape[0] = frame.samples.shape()[0];
  grant.shape[1] = frame.samples.shape()[1];
}

// Whether all of it lies in one slot already.
bool is_inside(const Frame& frame, const Segment& segment, std::uint32_t& slot) {
  const bool image = frame.kind == FrameKind::kImage;
  const void* first = image ? static_cast<const void*>(frame.planes[0].data)
                            : static_cast<const void*>(frame.samples.bytes_data());
  const auto found = segment.slot_of(first);
  if (!found) return false;
  slot = *found;
  for (int i = 1; image && i < frame.plane_count; ++i)
    if (segment.slot_of(frame.planes[static_cast<std::size_t>(i)].data) != found) return false;
  return true;
}

void point_to(const Frame& frame, const Segment& segment, lease_wire::Grant& grant) {
  const auto offset = [&](const void* at) {
    return static_cast<std::uint64_t>(static_cast<const std::byte*>(at) - segment.data());
  };
  if (frame.kind != FrameKind::kImage) grant.planes[0].offset = offset(frame.samples.bytes_data());
  for (std::size_t i = 0; i < static_cast<std::size_t>(frame.plane_count); ++i) {
    const Plane& plane = frame.planes[i];
    grant.planes[i] = {offset(plane.data), plane.stride, plane.width, plane.height};
  }
}

void copy_into(const Frame& frame, const Segment& segment, std::byte* to,
               lease_wire::Grant& grant) {
  const auto base = static_cast<std::uint64_t>(to - segment.data());
  if (frame.kind != FrameKind::kImage) {
    std::memcpy(to, frame.samples.bytes_data(), frame.samples.bytes());
    grant.planes[0].offset = base;
    return;
  }
  std::size_t at = 0;
  for (int i = 0; i < frame.plane_count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const Plane& plane = frame.planes[index];
    const std::size_t row = row_bytes(frame, i), stride = aligned(row);
    for (int y = 0; y < plane.height; ++y)
      std::memcpy(to + at + stride * static_cast<std::size_t>(y), plane.data + plane.stride * y,
                  row);
    grant.planes[index] = {base + at, static_cast<std::int64_t>(stride), plane.width, plane.height};
    at += stride * static_cast<std::size_t>(plane.height);
  }
}

bool lies_within(const Segment& segment, std::uint32_t slot, std::uint64_t offset,
                 std::uint64_t bytes) {
  const auto begin = static_cast<std::uint64_t>(segment.slot(slot) - segment.data());
  return offset >= begin && bytes <= segment.slot_bytes() &&
         offset - begin <= segment.slot_bytes() - bytes;
}

bool read_planes(const lease_wire::Grant& grant, const Segment& segment, Frame& into) {
  if (grant.plane_count < 1 || grant.plane_count > 3 || grant.width < 1 || grant.height < 1)
    return false;
  into.image = {static_cast<PixelFormat>(grant.pixel),
                grant.width,
                grant.height,
                static_cast<ColourRange>(grant.range),
                static_cast<ColourMatrix>(grant.matrix),
                static_cast<ChromaSiting>(grant.siting)};
  into.plane_count = grant.plane_count;
  for (int i = 0; i < grant.plane_count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const lease_wire::Plane& plane = grant.planes[index];
    into.planes[index] = {reinterpret_cast<const std::uint8_t*>(segment.data() + plane.offset),
                          plane.stride, plane.width, plane.height};
    const std::size_t row = row_bytes(into, i);
    if (plane.width < 1 || plane.height < 1 || plane.stride < static_cast<std::int64_t>(row) ||
        !lies_within(segment, grant.slot, plane.offset,
                     static_cast<std::uint64_t>(plane.stride) * (plane.height - 1u) + row))
      return false;
  }
  return true;
}

bool read_samples(const lease_wire::Grant& grant, const Segment& segment, Frame& into) {
  if (grant.shape[0] < 1 || grant.shape[1] < 1) return false;
  const auto dtype = static_cast<DType>(grant.dtype);
  const Shape shape{grant.shape[0], grant.shape[1]};
  const std::size_t bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(dtype);
  if (!lies_within(segment, grant.slot, grant.planes[0].offset, bytes)) return false;
  into.audio = {grant.rate, static_cast<int>(grant.shape[1]), dtype, 0};
  const std::byte* at = segment.data() + grant.planes[0].offset;
  into.samples =
      Tensor(into.owner, dtype, shape, static_cast<std::size_t>(at - into.owner->data()));
  return true;
}

}  // namespace

std::size_t copy_bytes(const Frame& frame) {
  if (frame.kind != FrameKind::kImage) return frame.samples.bytes();
  std::size_t total = 0;
  for (int i = 0; i < frame.plane_count; ++i)
    total += aligned(row_bytes(frame, i)) *
             static_cast<std::size_t>(frame.planes[static_cast<std::size_t>(i)].height);
  return total;
}

std::size_t largest_frame(const FrameFormat& format) {
  if (format.kind == FrameKind::kAudio) {
    const int samples = format.audio.max_chunk > 0 ? format.audio.max_chunk : format.audio.rate;
    return static_cast<std::size_t>(samples) * static_cast<std::size_t>(format.audio.channels) *
           dtype_size(format.audio.dtype);
  }
  if (format.kind == FrameKind::kTable)
    return static_cast<std::size_t>(format.table.max_rows) * format.table.columns.size() *
           sizeof(float);
  const int width = format.image.width > 0 ? format.image.width : 1920;
  const int height = format.image.height > 0 ? format.image.height : 1080;
  // The most that any pixel format takes, rows aligned: three bytes a pixel.
  return aligned(static_cast<std::size_t>(width) * 3) * static_cast<std::size_t>(height);
}

bool place(const Frame& frame, LeasePool& pool, Placement& into) {
  const Segment& segment = pool.segment();
  describe(frame, into.grant);
  if (is_inside(frame, segment, into.grant.slot)) {
    into.keeper = frame.owner ? frame.owner : frame.samples.buffer();
    point_to(frame, segment, into.grant);
  } else {
    into.copied = copy_bytes(frame);
    into.keeper = pool.take(into.copied);
    if (!into.keeper) return false;
    into.grant.slot = *segment.slot_of(into.keeper->data());
    copy_into(frame, segment, into.keeper->data(), into.grant);
  }
  into.grant.generation = segment.generation(into.grant.slot);
  return true;
}

bool read_grant(const lease_wire::Grant& grant, const Segment& segment, Frame& into) {
  if (grant.slot >= segment.slots() || grant.kind > static_cast<std::uint8_t>(FrameKind::kTable))
    return false;
  into.kind = static_cast<FrameKind>(grant.kind);
  into.sequence = grant.sequence;
  into.capture = grant.capture;
  into.media_time = grant.media_time;
  into.gap_before = grant.gap != 0;
  return into.kind == FrameKind::kImage ? read_planes(grant, segment, into)
                                        : read_samples(grant, segment, into);
}

}  // namespace edgert
