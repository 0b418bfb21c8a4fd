// Overlapping frames of a stream of samples that comes in chunks, each frame seen once.
//
// Frame i is the samples [i * hop, i * hop + size) since the start or the last reset(). Between
// chunks only the samples that further frames need are kept: fewer than `size`. Not shared; no
// allocation after construction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace edgert {

class FrameStream {
 public:
  FrameStream(std::int64_t size, std::int64_t hop)
      : size_(size), hop_(hop), kept_(static_cast<std::size_t>(size)) {}

  void reset() { count_ = skip_ = 0; }
  // Frames that `samples` more complete.
  std::int64_t frames(std::int64_t samples) const {
    const std::int64_t beyond = count_ + samples - skip_ - size_;
    return beyond < 0 ? 0 : beyond / hop_ + 1;
  }
  // Frames that a chunk of `samples` completes at most.
  std::int64_t most_frames(std::int64_t samples) const { return (samples + hop_ - 1) / hop_; }
  // Floats that join() needs for a chunk of `samples`.
  std::int64_t room(std::int64_t samples) const { return size_ + samples; }

  // Puts what was kept and the chunk behind each other in `work`, where frame i of this chunk is
  // at work[i * hop]; returns how many samples are there.
  std::int64_t join(const float* chunk, std::int64_t samples, float* work) {
    const std::int64_t skipped = std::min(skip_, samples);
    skip_ -= skipped;
    copy(kept_.data(), count_, work);
    copy(chunk + skipped, samples - skipped, work + count_);
    return count_ + samples - skipped;
  }
  // After join(): keeps what the frames after the first `frames` of the `total` samples need.
  void keep(const float* work, std::int64_t total, std::int64_t frames) {
    const std::int64_t from = frames * hop_;
    count_ = std::max<std::int64_t>(total - from, 0);
    if (from > total) skip_ += from - total;
    copy(work + from, count_, kept_.data());
  }

 private:
  static void copy(const float* from, std::int64_t count, float* to) {
    if (count > 0) std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
  }
  std::int64_t size_, hop_;
  std::vector<float> kept_;
  std::int64_t count_ = 0, skip_ = 0;  // kept; to be passed over, when hop > size
};

}  // namespace edgert
