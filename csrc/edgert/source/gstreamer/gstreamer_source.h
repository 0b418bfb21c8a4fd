// A GStreamer pipeline as a source: what its last element gives are frames.
#pragma once

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <atomic>
#include <string>

#include "edgert/source/gstreamer/video_frames.h"
#include "edgert/source/source.h"

namespace edgert::gstreamer {

struct Options {
  std::string pipeline;       // as gst-launch-1.0 takes it; its end is led into an appsink
  double timeout = 10;        // s without a sample, and it failed; 0: waits for ever
  std::uint32_t wait = 2;     // samples that may wait in the appsink
  std::uint32_t budget = 32;  // samples that readers may hold at once; beyond, new ones are dropped
  bool paced = true;          // a recording at its own pace, or as fast as it can be read
  bool look = false;          // open() only sees whether the pipeline and its devices are there
  DmaBufUse dmabuf = DmaBufUse::kMap;

  static Result<Options> read(const Params& params);
};

class GStreamerSource : public Source {
 public:
  explicit GStreamerSource(Options options);
  ~GStreamerSource() override;

  Status open() override;
  Result<bool> next(Frame& frame) override;
  void interrupt() noexcept override { interrupted_.store(true); }
  std::uint64_t bytes_copied() const override { return frames_.bytes_copied(); }
  std::uint64_t held_back() const override { return held_.load(); }

 private:
  Status build();
  Status look();
  Status start();
  Result<GstSample*> pull();
  Status failure();
  bool times(Frame& frame, GstSample* sample);

  Options options_;
  VideoFrames frames_;
  GstElement* pipeline_ = nullptr;
  GstAppSink* sink_ = nullptr;
  bool live_ = false;         // cameras and the like: their samples can't wait
  bool clock_known_ = false;  // its clock is the one that edgert::now() reads
  bool lost_ = false, began_ = false;
  GstClockTime first_ = GST_CLOCK_TIME_NONE;  // running time of the first sample
  Nanos first_capture_ = 0;
  std::atomic<bool> interrupted_{false};
  std::atomic<std::uint64_t> held_{0};
};

}  // namespace edgert::gstreamer
