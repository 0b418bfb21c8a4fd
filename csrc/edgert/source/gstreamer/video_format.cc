#include "edgert/source/gstreamer/video_format.h"

#include <optional>

namespace edgert::gstreamer {
namespace {

constexpr int kHdLines = 720;

std::optional<PixelFormat> pixel_of(GstVideoFormat format) {
  switch (format) {
    case GST_VIDEO_FORMAT_I420:
      return PixelFormat::kYuv420p;
    case GST_VIDEO_FORMAT_NV12:
      return PixelFormat::kNv12;
    case GST_VIDEO_FORMAT_YUY2:
      return PixelFormat::kYuyv422;
    case GST_VIDEO_FORMAT_RGB:
      return PixelFormat::kRgb24;
    case GST_VIDEO_FORMAT_BGR:
      return PixelFormat::kBgr24;
    case GST_VIDEO_FORMAT_GRAY8:
      return PixelFormat::kGray8;
    case GST_VIDEO_FORMAT_I420_10LE:
      return PixelFormat::kYuv420p10;
    case GST_VIDEO_FORMAT_P010_10LE:
      return PixelFormat::kP010;
    default:
      return std::nullopt;
  }
}

ColourMatrix matrix_of(const GstVideoInfo& info) {
  if (info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709) return ColourMatrix::kBt709;
  if (info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT601) return ColourMatrix::kBt601;
  return GST_VIDEO_INFO_HEIGHT(&info) >= kHdLines ? ColourMatrix::kBt709 : ColourMatrix::kBt601;
}

ChromaSiting siting_of(const GstVideoInfo& info) {
  if (info.chroma_site == GST_VIDEO_CHROMA_SITE_JPEG) return ChromaSiting::kCentre;
  if (info.chroma_site == GST_VIDEO_CHROMA_SITE_COSITED) return ChromaSiting::kTopLeft;
  return ChromaSiting::kLeft;
}

}  // namespace

Result<ImageFormat> image_format(const GstVideoInfo& info) {
  const auto pixel = pixel_of(GST_VIDEO_INFO_FORMAT(&info));
  if (!pixel)
    return Status::invalid("gstreamer",
                           std::string("gives the format ") + GST_VIDEO_INFO_NAME(&info),
                           "end the pipeline with videoconvert, or ask for I420 or NV12");
  ImageFormat out;
  out.pixel = *pixel;
  out.width = GST_VIDEO_INFO_WIDTH(&info);
  out.height = GST_VIDEO_INFO_HEIGHT(&info);
  out.range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255 ? ColourRange::kFull
                                                                    : ColourRange::kVideo;
  out.matrix = matrix_of(info);
  out.siting = siting_of(info);
  return out;
}

}  // namespace edgert::gstreamer
