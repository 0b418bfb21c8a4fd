// From GStreamer's description of video to this project's.
#pragma once

#include <gst/video/video.h>

#include "edgert/base/status.h"
#include "edgert/memory/format.h"

namespace edgert::gstreamer {

// What an appsink accepts: raw video of the formats below, in ordinary memory or a dma-buf.
inline constexpr const char* kCaps =
    "video/x-raw,format={I420,NV12,YUY2,RGB,BGR,GRAY8,I420_10LE,P010_10LE};"
    "video/x-raw(memory:DMABuf),format={I420,NV12,YUY2,RGB,BGR,GRAY8,I420_10LE,P010_10LE}";

// Colours that the stream does not say follow the customary defaults: BT.709 from 720 lines on,
// video range, chroma to the left.
Result<ImageFormat> image_format(const GstVideoInfo& info);

}  // namespace edgert::gstreamer
