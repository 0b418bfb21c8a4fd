#include "raw_video.h"

#include <cstring>
#include <utility>

namespace {

// Lays the three planes out one behind the other in `memory`, without padding.
void set_planes(edgert::Frame& frame, const edgert::ImageFormat& format, edgert::BufferRef memory) {
  const int half_width = (format.width + 1) / 2, half_height = (format.height + 1) / 2;
  const auto* data = reinterpret_cast<const std::uint8_t*>(memory->data());
  const std::size_t luma =
      static_cast<std::size_t>(format.width) * static_cast<std::size_t>(format.height);
  const std::size_t chroma =
      static_cast<std::size_t>(half_width) * static_cast<std::size_t>(half_height);
  frame.kind = edgert::FrameKind::kImage;
  frame.image = format;
  frame.planes[0] = {data, format.width, format.width, format.height};
  frame.planes[1] = {data + luma, half_width, half_width, half_height};
  frame.planes[2] = {data + luma + chroma, half_width, half_width, half_height};
  frame.plane_count = 3;
  frame.owner = std::move(memory);
}

std::size_t picture_bytes(const edgert::ImageFormat& format) {
  const int half_width = (format.width + 1) / 2, half_height = (format.height + 1) / 2;
  return static_cast<std::size_t>(format.width) * static_cast<std::size_t>(format.height) +
         2 * static_cast<std::size_t>(half_width) * static_cast<std::size_t>(half_height);
}

}  // namespace

edgert::Result<RawVideo> RawVideo::open(const std::string& path,
                                        const edgert::ImageFormat& format) {
  if (format.pixel != edgert::PixelFormat::kYuv420p || format.width < 1 || format.height < 1)
    return edgert::Status::invalid(path, "raw video must be yuv420p of a known size",
                                   "make it so with ffmpeg");
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return edgert::Status(edgert::Code::kNotFound, path, "can't be opened", "check the path");
  return RawVideo(std::move(file), format);
}

bool RawVideo::read(edgert::Frame& frame) {
  const std::size_t bytes = picture_bytes(format_);
  edgert::BufferRef memory = edgert::allocate_buffer(bytes);
  if (!memory) return false;
  file_.read(reinterpret_cast<char*>(memory->data()), static_cast<std::streamsize>(bytes));
  if (static_cast<std::size_t>(file_.gcount()) != bytes) return false;
  set_planes(frame, format_, std::move(memory));
  return true;
}

void draw_square(edgert::Frame& frame, int width, int height) {
  edgert::ImageFormat format;
  format.pixel = edgert::PixelFormat::kYuv420p;
  format.width = width;
  format.height = height;
  edgert::BufferRef memory = edgert::allocate_buffer(picture_bytes(format));
  std::memset(memory->data(), 128, memory->size());
  for (int y = height / 4; y < 3 * height / 4; ++y)
    std::memset(memory->data() + std::ptrdiff_t{y} * width + width / 4, 220,
                static_cast<std::size_t>(width / 2));
  set_planes(frame, format, std::move(memory));
}
