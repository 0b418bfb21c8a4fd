// A frame is one immutable sample of a sensor. It is never copied: it shares the memory that the
// driver, the decoder or the caller filled, and keeps its owner alive.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "edgert/base/clock.h"
#include "edgert/memory/buffer.h"
#include "edgert/memory/format.h"
#include "edgert/memory/tensor.h"

namespace edgert {

// Samples of one component: `stride` bytes from a row to the next.
struct Plane {
  const std::uint8_t* data = nullptr;
  std::int64_t stride = 0;    // bytes
  int width = 0, height = 0;  // in samples of this plane (chroma planes are smaller)
};

// A dma-buf that holds an image's planes, for a device that takes memory by file descriptor.
struct DmaBuf {
  int fd = -1;                           // the owner's: good as long as the frame is held
  std::array<std::int64_t, 3> offset{};  // bytes from its start to each plane
};

class Frame {
 public:
  using Dispose = void (*)(Frame*) noexcept;
  explicit Frame(Dispose dispose) : dispose_(dispose) {}

  FrameKind kind = FrameKind::kImage;
  ImageFormat image;            // of an image: its true size, whatever was announced
  std::array<Plane, 3> planes;  // of an image
  int plane_count = 0;
  AudioFormat audio;           // of an audio chunk
  Tensor samples;              // of audio [samples, channels], of a table [rows, columns] float32
  BufferRef owner;             // keeps the planes alive
  BufferRef content;           // what a cache of results calls it; null: it is in none
  DmaBuf dmabuf;               // fd -1: ordinary memory; else planes not mapped have no data
  Nanos capture = 0;           // monotonic clock: when the sample was taken, or its decoding began
  Nanos arrival = 0;           // when it was pushed
  Nanos media_time = 0;        // position in the recording, or since the sensor's start
  Nanos decode = 0;            // nanoseconds the source spent to decode it
  std::uint64_t sequence = 0;  // counts from 0, by sensor
  std::int32_t sensor = -1;    // index in the plan
  bool gap_before = false;     // frames were lost since the last one
  bool last = false;           // of its stream: nothing follows, what was held back comes out

  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose_(this);
  }
  void revive() { references_.store(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::int32_t> references_{1};
  Dispose dispose_;
};

using FrameRef = Ref<Frame>;

// A frame from the heap (tests, set-up). The frame path takes frames from a FramePool.
FrameRef make_frame();

}  // namespace edgert
