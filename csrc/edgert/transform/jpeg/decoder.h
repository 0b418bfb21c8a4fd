// JPEG pictures and frames of MJPEG to planes, by libjpeg-turbo, without a way through RGB.
//
// The library is opened at run time: EDGERT_TURBOJPEG_LIBRARY, else the system's libturbojpeg.so.0.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "edgert/base/status.h"
#include "edgert/memory/frame.h"
#include "edgert/memory/pool.h"

namespace edgert {

// Thread rule: one thread at a time.
class JpegDecoder {
 public:
  // Unavailable where the library isn't there, with the reason.
  static Result<std::unique_ptr<JpegDecoder>> open();
  ~JpegDecoder();

  // Sets the frame's format, planes and owner: 4:2:0 and gray as they are, 4:2:2 and 4:4:4 with
  // their chroma averaged to 4:2:0. Memory comes from a pool that is renewed when pictures grow.
  // A damaged or truncated picture is refused, and `frame` stays what it was.
  Status decode(std::span<const std::uint8_t> data, Frame& frame);

 private:
  struct Picture;
  explicit JpegDecoder(void* handle) : handle_(handle) {}
  Result<Picture> header(std::span<const std::uint8_t> data);
  BufferRef memory(std::size_t bytes);
  Status failure(const char* what);

  void* handle_;
  std::unique_ptr<BufferPool> pool_;
};

}  // namespace edgert
