// The few functions of the TurboJPEG API (2.x, kept by 3.x), resolved at run time. Names, arguments
// and constants are those of libjpeg-turbo's turbojpeg.h.
#pragma once

#include "edgert/base/status.h"

namespace edgert {

struct TurboJpeg {
  void* (*init_decompress)();
  int (*decompress_header)(void* handle, const unsigned char* data, unsigned long size, int* width,
                           int* height, int* subsampling, int* colour_space);
  int (*decompress_to_planes)(void* handle, const unsigned char* data, unsigned long size,
                              unsigned char** planes, int width, int* strides, int height,
                              int flags);
  char* (*error_text)(void* handle);
  int (*destroy)(void* handle);

  enum Subsampling { k444 = 0, k422 = 1, k420 = 2, kGray = 3 };
  enum ColourSpace { kYCbCr = 1, kGrayscale = 2 };
};

// Opened once and kept.
Result<const TurboJpeg*> turbojpeg();

}  // namespace edgert
