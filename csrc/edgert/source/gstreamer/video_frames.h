// GStreamer's samples as frames: mapped where they lie, and kept until the last holder lets go.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <atomic>
#include <cstdint>

#include "edgert/memory/frame.h"
#include "edgert/source/gstreamer/video_format.h"

namespace edgert::gstreamer {

// What happens to a sample whose memory is a dma-buf: mapped for the CPU, or passed as it is, with
// its file descriptor and without addresses.
enum class DmaBufUse : std::uint8_t { kMap, kPass };

// Thread rule: one thread fills; frames are let go on any. Letting go unmaps the sample and gives
// it back to the GStreamer pool that it came from, on the thread of the last holder: that takes no
// GIL and waits for nothing but the pool's own short lock.
class VideoFrames {
 public:
  // At most `budget` samples are out at once.
  VideoFrames(std::uint32_t budget, DmaBufUse dmabuf);
  ~VideoFrames();
  VideoFrames(const VideoFrames&) = delete;
  VideoFrames& operator=(const VideoFrames&) = delete;

  // Takes over the caller's reference to `sample`, whatever comes out. False: the budget is used
  // up, and the sample was let go.
  Result<bool> fill(Frame& frame, GstSample* sample);

  // Of a frame that fill() filled, and no other.
  static GstSample* sample_of(const Frame& frame);

  // Bytes that GStreamer had to copy so that they can be mapped: of a buffer whose planes lie in
  // several memories that nothing describes.
  std::uint64_t bytes_copied() const { return copied_.load(std::memory_order_relaxed); }

 private:
  struct Core;
  struct Holder;
  Status describe(GstCaps* caps);
  Status map(Holder& holder, Frame& frame, GstBuffer* buffer);
  void pass(Frame& frame, GstBuffer* buffer) const;

  Core* core_;
  DmaBufUse dmabuf_;
  GstCaps* caps_ = nullptr;  // of the last sample
  GstVideoInfo info_;
  ImageFormat format_;
  std::atomic<std::uint64_t> copied_{0};
};

}  // namespace edgert::gstreamer

// The sample behind a frame that this source filled, and no other: for who wants its metadata.
extern "C" GstSample* edgert_gstreamer_sample(const edgert::Frame* frame);
