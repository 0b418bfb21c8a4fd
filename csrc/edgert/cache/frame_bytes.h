// The content of a frame: what it is, and its bytes in a row, without what lies between rows.
#pragma once

#include "edgert/cache/keyed_hash.h"
#include "edgert/memory/frame.h"

namespace edgert {

// Two frames have equal content when their forms and their bytes are equal. Their times, numbers
// and sensors don't count.
struct FrameForm {
  FrameKind kind = FrameKind::kImage;
  ImageFormat image;
  AudioFormat audio;
  std::int64_t rows = 0, columns = 0;  // of sounds and tables
  bool last = false;
  std::size_t bytes = 0;
  friend bool operator==(const FrameForm&, const FrameForm&) = default;
};

// Of a frame that a SensorPort took. `bytes` 0: its memory is not mapped for the CPU.
FrameForm form_of(const Frame& frame);

Hash128 hash_of(const Frame& frame, const FrameForm& form, const HashKey& key);
void copy_bytes(const Frame& frame, std::byte* into);          // form.bytes of them
bool same_bytes(const Frame& frame, const std::byte* others);  // likewise

}  // namespace edgert
