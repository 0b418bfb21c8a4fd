// What a sensor's frames look like: images, audio chunks, or rows of a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edgert/memory/dtype.h"

namespace edgert {

enum class FrameKind : std::uint8_t { kImage, kAudio, kTable };
enum class PixelFormat : std::uint8_t {
  kGray8,
  kRgb24,
  kBgr24,
  kYuv420p,
  kNv12,
  kYuyv422,
  kYuv420p10,
  kP010
};
enum class ColourRange : std::uint8_t { kVideo, kFull };  // Y in 16..235, or 0..255
enum class ColourMatrix : std::uint8_t { kBt601, kBt709 };
// Where chroma lies: MPEG-2's and H.264's default; JPEG's; UHD's.
enum class ChromaSiting : std::uint8_t { kLeft, kCentre, kTopLeft };

std::string_view pixel_format_name(PixelFormat format);  // "yuv420p", FFmpeg's names
std::optional<PixelFormat> pixel_format_from_name(std::string_view name);

// What a plane of a picture of width × height is: samples, and the bytes of one (packed formats
// hold several components a sample).
struct PlaneLayout {
  int width = 0, height = 0, sample_bytes = 1;
};
int plane_count(PixelFormat format);
PlaneLayout plane_layout(PixelFormat format, int plane, int width, int height);

struct ImageFormat {
  PixelFormat pixel = PixelFormat::kRgb24;
  int width = 0, height = 0;                // pixels; 0: known only when a frame comes
  ColourRange range = ColourRange::kVideo;  // of YUV formats
  ColourMatrix matrix = ColourMatrix::kBt601;
  ChromaSiting siting = ChromaSiting::kLeft;
  friend bool operator==(const ImageFormat&, const ImageFormat&) = default;
};

// Samples are interleaved: a chunk is a tensor [samples, channels].
struct AudioFormat {
  int rate = 16000;  // Hz
  int channels = 1;
  DType dtype = DType::kFloat32;  // float32 in [-1, 1], or int16
  int max_chunk = 0;              // samples per channel at most in one frame; 0: unknown
  friend bool operator==(const AudioFormat&, const AudioFormat&) = default;
};

// Rows of float32: a frame is a tensor [rows, columns].
struct TableFormat {
  std::vector<std::string> columns;
  double rate = 0;   // Hz; 0: irregular
  int max_rows = 1;  // in one frame
  friend bool operator==(const TableFormat&, const TableFormat&) = default;
};

struct FrameFormat {
  FrameKind kind = FrameKind::kImage;
  ImageFormat image;
  AudioFormat audio;
  TableFormat table;
  std::string text() const;  // "yuv420p 1280×720 bt601 video", "float32 16000 Hz × 1"
};

}  // namespace edgert
