#include "edgert/transform/image/motion_grid.h"

#include <algorithm>
#include <array>
#include <string>

namespace edgert::image {
namespace {

constexpr int kRowsOfCell = 4;  // rows of pixels that stand for a cell

// How a pixel's brightness lies in its bytes.
struct Layout {
  int step = 1;                              // bytes of a pixel
  std::array<std::uint32_t, 3> weight = {};  // of its bytes, in eighths; unused: the first alone
  int offset = 0;                            // of the byte that is looked at
  bool low_bits = false;                     // 10 bits in the low end of 16, little-endian
};

Layout layout_of(PixelFormat pixel) {
  if (pixel == PixelFormat::kRgb24) return {3, {2, 5, 1}};
  if (pixel == PixelFormat::kBgr24) return {3, {1, 5, 2}};
  if (pixel == PixelFormat::kYuyv422) return {2, {}};
  if (pixel == PixelFormat::kP010) return {2, {}, 1};  // 10 bits in the high end: eight in byte 1
  if (pixel == PixelFormat::kYuv420p10) return {2, {}, 0, true};
  return {1, {}};
}

std::uint32_t sum_of(const std::uint8_t* at, int pixels, const Layout& layout) {
  std::uint32_t sum = 0;
  if (layout.low_bits) {
    for (int i = 0; i < pixels; ++i, at += 2) sum += (at[0] | std::uint32_t{at[1]} << 8) >> 2;
  } else if (layout.step == 1) {
    for (int i = 0; i < pixels; ++i) sum += at[i];
  } else if (layout.step == 2) {
    for (int i = 0; i < pixels; ++i) sum += at[2 * i];
  } else {
    for (int i = 0; i < pixels; ++i, at += 3)
      sum += (layout.weight[0] * at[0] + layout.weight[1] * at[1] + layout.weight[2] * at[2]) >> 3;
  }
  return sum;
}

Status check(const Frame& frame, int columns, int rows) {
  if (frame.kind != FrameKind::kImage || frame.plane_count < 1 || !frame.planes[0].data)
    return Status::invalid("image.motion", "the frame is no image", "give a camera's frames");
  if (frame.image.width < columns || frame.image.height < rows)
    return Status::invalid("image.motion",
                           "a frame of " + std::to_string(frame.image.width) + "×" +
                               std::to_string(frame.image.height) + " has no " +
                               std::to_string(columns) + "×" + std::to_string(rows) + " cells",
                           "say fewer columns and rows");
  return {};
}

}  // namespace

Status luma_cells(const Frame& frame, int columns, int rows, std::span<float> cells) {
  EDGERT_RETURN_IF_ERROR(check(frame, columns, rows));
  const Layout layout = layout_of(frame.image.pixel);
  const Plane& plane = frame.planes[0];
  for (int row = 0; row < rows; ++row) {
    const int top = row * frame.image.height / rows;
    const int bottom = (row + 1) * frame.image.height / rows;
    const int used = std::min(kRowsOfCell, bottom - top);
    for (int column = 0; column < columns; ++column) {
      const int left = column * frame.image.width / columns;
      const int right = (column + 1) * frame.image.width / columns;
      std::uint32_t sum = 0;
      for (int i = 0; i < used; ++i) {
        const int y = top + (2 * i + 1) * (bottom - top) / (2 * used);
        const std::uint8_t* line = plane.data + y * plane.stride;
        sum +=
            sum_of(line + std::int64_t{left} * layout.step + layout.offset, right - left, layout);
      }
      const auto cell = static_cast<std::size_t>(row * columns + column);
      cells[cell] = static_cast<float>(sum) / static_cast<float>(used * (right - left));
    }
  }
  return {};
}

}  // namespace edgert::image
