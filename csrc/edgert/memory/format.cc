#include "edgert/memory/format.h"

#include <array>
#include <utility>

namespace edgert {
namespace {

constexpr std::array<std::pair<PixelFormat, std::string_view>, 8> kPixelNames{{
    {PixelFormat::kGray8, "gray"},
    {PixelFormat::kRgb24, "rgb24"},
    {PixelFormat::kBgr24, "bgr24"},
    {PixelFormat::kYuv420p, "yuv420p"},
    {PixelFormat::kNv12, "nv12"},
    {PixelFormat::kYuyv422, "yuyv422"},
    {PixelFormat::kYuv420p10, "yuv420p10le"},
    {PixelFormat::kP010, "p010le"},
}};

std::string image_text(const ImageFormat& image) {
  std::string out(pixel_format_name(image.pixel));
  if (image.width) out += " " + std::to_string(image.width) + "×" + std::to_string(image.height);
  if (image.pixel < PixelFormat::kYuv420p) return out;
  out += image.matrix == ColourMatrix::kBt601 ? " bt601" : " bt709";
  return out + (image.range == ColourRange::kVideo ? " video range" : " full range");
}

}  // namespace

std::string_view pixel_format_name(PixelFormat format) {
  for (const auto& [value, name] : kPixelNames)
    if (value == format) return name;
  return "unknown";
}

int plane_count(PixelFormat format) {
  switch (format) {
    case PixelFormat::kYuv420p:
    case PixelFormat::kYuv420p10:
      return 3;
    case PixelFormat::kNv12:
    case PixelFormat::kP010:
      return 2;
    default:
      return 1;
  }
}

PlaneLayout plane_layout(PixelFormat format, int plane, int width, int height) {
  const int w = plane == 0 ? width : (width + 1) / 2, h = plane == 0 ? height : (height + 1) / 2;
  switch (format) {
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      return {w, h, 3};
    case PixelFormat::kYuyv422:
    case PixelFormat::kYuv420p10:
      return {w, h, 2};
    case PixelFormat::kNv12:
      return {w, h, plane == 0 ? 1 : 2};
    case PixelFormat::kP010:
      return {w, h, plane == 0 ? 2 : 4};
    case PixelFormat::kGray8:
    case PixelFormat::kYuv420p:
      break;
  }
  return {w, h, 1};
}

std::optional<PixelFormat> pixel_format_from_name(std::string_view name) {
  for (const auto& [value, candidate] : kPixelNames)
    if (candidate == name) return value;
  return std::nullopt;
}

std::string FrameFormat::text() const {
  switch (kind) {
    case FrameKind::kImage:
      return image_text(image);
    case FrameKind::kAudio:
      return std::string(dtype_name(audio.dtype)) + " audio at " + std::to_string(audio.rate) +
             " Hz × " + std::to_string(audio.channels);
    case FrameKind::kTable:
      return "table of " + std::to_string(table.columns.size()) + " columns";
  }
  return "unknown";
}

}  // namespace edgert
