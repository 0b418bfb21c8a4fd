#include "edgert/transform/image/view.h"

#include <cstdlib>
#include <string>

namespace edgert::image {
namespace {

constexpr int half(int pixels) {
  return (pixels + 1) / 2;
}

// What a plane must have at least.
struct Need {
  std::int64_t bytes = 0;  // in a row
  int rows = 0;
};

Status check(const Frame& frame, int index, Need need) {
  const std::string where = "frame plane " + std::to_string(index);
  if (index >= frame.plane_count) {
    return Status::invalid(where, "missing",
                           std::string(pixel_format_name(frame.image.pixel)) + " needs it");
  }
  const Plane& plane = frame.planes[static_cast<std::size_t>(index)];
  if (!plane.data) return Status::invalid(where, "has no data", "the source must set it");
  if (plane.height != 0 && plane.height < need.rows) {
    return Status::invalid(where, std::to_string(plane.height) + " rows",
                           "the frame's size needs " + std::to_string(need.rows));
  }
  if (need.rows > 1 && std::abs(plane.stride) < need.bytes) {
    return Status::invalid(where, "stride of " + std::to_string(plane.stride) + " bytes",
                           "the frame's size needs " + std::to_string(need.bytes));
  }
  return {};
}

Component full(const Frame& frame, int step, int offset) {
  const Plane& plane = frame.planes[0];
  Component c;
  c.data = plane.data + offset;
  c.stride = plane.stride;
  c.step = step;
  c.width = frame.image.width;
  c.height = frame.image.height;
  return c;
}

Component chroma(const Frame& frame, const Plane& plane, int step, int offset, bool half_y) {
  Component c = full(frame, step, 0);
  c.data = plane.data + offset;
  c.stride = plane.stride;
  c.width = half(frame.image.width);
  c.half_x = true;
  c.origin_x = frame.image.siting == ChromaSiting::kCentre ? 0.5 : 0.0;
  if (half_y) {
    c.height = half(frame.image.height);
    c.half_y = true;
    c.origin_y = frame.image.siting == ChromaSiting::kTopLeft ? 0.0 : 0.5;
  }
  return c;
}

Status packed3(const Frame& frame, View& view) {
  EDGERT_RETURN_IF_ERROR(check(frame, 0, {3LL * view.width(), view.height()}));
  const bool bgr = view.format.pixel == PixelFormat::kBgr24;
  view.packing = Packing::kPacked3;
  view.count = 3;
  for (int c = 0; c < 3; ++c) view.component[c] = full(frame, 3, bgr ? 2 - c : c);
  return {};
}

Status planar(const Frame& frame, View& view) {
  EDGERT_RETURN_IF_ERROR(check(frame, 0, {view.width(), view.height()}));
  view.packing = Packing::kPlanar;
  view.count = 3;
  view.component[0] = full(frame, 1, 0);
  for (int c = 1; c < 3; ++c) {
    EDGERT_RETURN_IF_ERROR(check(frame, c, {half(view.width()), half(view.height())}));
    view.component[c] = chroma(frame, frame.planes[static_cast<std::size_t>(c)], 1, 0, true);
  }
  return {};
}

Status semi_planar(const Frame& frame, View& view) {
  EDGERT_RETURN_IF_ERROR(check(frame, 0, {view.width(), view.height()}));
  EDGERT_RETURN_IF_ERROR(check(frame, 1, {2 * half(view.width()), half(view.height())}));
  view.packing = Packing::kSemiPlanar;
  view.count = 3;
  view.component[0] = full(frame, 1, 0);
  for (int c = 1; c < 3; ++c) {
    view.component[c] = chroma(frame, frame.planes[1], 2, c - 1, true);
  }
  return {};
}

Status yuyv(const Frame& frame, View& view) {
  EDGERT_RETURN_IF_ERROR(check(frame, 0, {4 * half(view.width()), view.height()}));
  view.packing = Packing::kYuyv;
  view.count = 3;
  view.component[0] = full(frame, 2, 0);
  for (int c = 1; c < 3; ++c) {
    view.component[c] = chroma(frame, frame.planes[0], 4, 2 * c - 1, false);
  }
  return {};
}

// As the formats of 8 bits, with two bytes a sample.
Status wide(const Frame& frame, View& view, Packing packing, int shift) {
  const bool woven = packing == Packing::kSemiPlanar;
  EDGERT_RETURN_IF_ERROR(check(frame, 0, {2LL * view.width(), view.height()}));
  view.packing = packing;
  view.count = 3;
  view.component[0] = full(frame, 2, 0);
  for (int c = 1; c < 3; ++c) {
    const int index = woven ? 1 : c;
    const std::int64_t bytes = (woven ? 4LL : 2LL) * half(view.width());
    EDGERT_RETURN_IF_ERROR(check(frame, index, {bytes, half(view.height())}));
    view.component[c] = chroma(frame, frame.planes[static_cast<std::size_t>(index)], woven ? 4 : 2,
                               woven ? 2 * (c - 1) : 0, true);
  }
  for (Component& c : view.component) {
    c.wide = true;
    c.shift = shift;
  }
  return {};
}

Status gray(const Frame& frame, View& view) {
  EDGERT_RETURN_IF_ERROR(check(frame, 0, {view.width(), view.height()}));
  view.packing = Packing::kGray;
  view.count = 1;
  view.component[0] = full(frame, 1, 0);
  return {};
}

Status fill(const Frame& frame, View& view) {
  switch (view.format.pixel) {
    case PixelFormat::kGray8:
      return gray(frame, view);
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      return packed3(frame, view);
    case PixelFormat::kYuv420p:
      return planar(frame, view);
    case PixelFormat::kNv12:
      return semi_planar(frame, view);
    case PixelFormat::kYuyv422:
      return yuyv(frame, view);
    case PixelFormat::kYuv420p10:
      return wide(frame, view, Packing::kPlanar, 6);
    case PixelFormat::kP010:
      return wide(frame, view, Packing::kSemiPlanar, 0);
  }
  return Status::invalid("frame", "unknown pixel format");
}

}  // namespace

Result<View> view_of(const Frame& frame) {
  if (frame.kind != FrameKind::kImage) {
    return Status::invalid("frame", "not an image", "image operations take a camera's or a file's");
  }
  if (frame.image.width <= 0 || frame.image.height <= 0) {
    return Status::invalid("frame",
                           "has the size " + std::to_string(frame.image.width) + "×" +
                               std::to_string(frame.image.height),
                           "the source must set it");
  }
  View view;
  view.format = frame.image;
  EDGERT_RETURN_IF_ERROR(fill(frame, view));
  return view;
}

}  // namespace edgert::image
