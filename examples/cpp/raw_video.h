// Reads raw yuv420p video: the three planes of one picture after another, without headers, as
// `ffmpeg -i in.mp4 -pix_fmt yuv420p -f rawvideo out.yuv` writes it.
#pragma once

#include <fstream>
#include <string>

#include "edgert/base/status.h"
#include "edgert/memory/frame.h"

class RawVideo {
 public:
  // The size, range and matrix of `format` are those of the pictures; the pixel format is yuv420p.
  static edgert::Result<RawVideo> open(const std::string& path, const edgert::ImageFormat& format);

  // Reads the next picture into memory of its own, which the frame keeps alive. False: at the end.
  bool read(edgert::Frame& frame);

 private:
  RawVideo(std::ifstream file, const edgert::ImageFormat& format)
      : file_(std::move(file)), format_(format) {}
  std::ifstream file_;
  edgert::ImageFormat format_;
};

// A picture without a file: a grey frame with a bright square.
void draw_square(edgert::Frame& frame, int width, int height);
