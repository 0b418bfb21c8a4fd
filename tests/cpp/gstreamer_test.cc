// A GStreamer pipeline as a source: its buffers' own memory enters, and what fails says why.
#include <gst/allocators/gstdmabuf.h>
#include <gst/gst.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

#include "edgert/source/feed.h"
#include "edgert/source/gstreamer/video_frames.h"
#include "edgert/source/registry.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTest = "videotestsrc num-buffers=8 ! video/x-raw,";

Result<std::unique_ptr<Source>> opened(const std::string& pipeline, const Params& more = {}) {
  Params params = more;
  params.set("pipeline", pipeline);
  EDGERT_ASSIGN_OR_RETURN(auto source, make_source("gstreamer", params));
  EDGERT_RETURN_IF_ERROR(source->open());
  return source;
}

std::string refusal(const std::string& pipeline, const Params& more = {}) {
  auto source = opened(pipeline, more);
  if (!source.ok()) return source.status().message();
  for (;;) {
    FrameRef frame = make_frame();
    auto next = (*source)->next(*frame);
    if (!next.ok()) return next.status().message();
    if (!*next) return "ended";
  }
}

// Where the sample's buffer is mapped, by GStreamer itself; and how many hold the buffer.
struct Mapped {
  explicit Mapped(GstSample* sample) : buffer(gst_sample_get_buffer(sample)) {
    EXPECT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_READ));
  }
  ~Mapped() { gst_buffer_unmap(buffer, &map); }
  GstBuffer* buffer;
  GstMapInfo map{};
};

GstSample* sample_of(const Frame& frame) {
  return edgert_gstreamer_sample(&frame);
}

struct Layout {
  const char* name;
  PixelFormat pixel;
  int planes;
};

class GStreamerFormats : public ::testing::TestWithParam<Layout> {};

TEST_P(GStreamerFormats, PlanesLieInTheBuffersOwnMemory) {
  auto source =
      must(opened(std::string(kTest) + "format=" + GetParam().name + ",width=1280,height=720"));
  std::vector<FrameRef> kept;
  for (int i = 0; i < 8; ++i) {
    FrameRef frame = make_frame();
    ASSERT_TRUE(must(source->next(*frame)));
    EXPECT_EQ(frame->image.pixel, GetParam().pixel);
    EXPECT_EQ(frame->image.width, 1280);
    EXPECT_EQ(frame->image.height, 720);
    ASSERT_EQ(frame->plane_count, GetParam().planes);
    const Mapped mapped(sample_of(*frame));
    EXPECT_EQ(gst_buffer_n_memory(mapped.buffer), 1u);  // or the map above would have copied
    EXPECT_EQ(frame->planes[0].data, mapped.map.data);
    for (int p = 0; p < frame->plane_count; ++p) {
      const Plane& plane = frame->planes[static_cast<std::size_t>(p)];
      EXPECT_GE(plane.data, mapped.map.data);
      EXPECT_LE(plane.data + plane.stride * plane.height, mapped.map.data + mapped.map.size);
    }
    kept.push_back(std::move(frame));
  }
  FrameRef last = make_frame();
  EXPECT_FALSE(must(source->next(*last)));
  EXPECT_EQ(source->bytes_copied(), 0u);
  EXPECT_EQ(kept[3]->media_time, 100 * kMillisecond);  // 30 a second
  source.reset();                                      // frames outlive it
  const std::uint8_t first = kept[0]->planes[0].data[0];
  EXPECT_EQ(kept[7]->planes[0].data[0], first);  // the pattern's corner does not change
}

INSTANTIATE_TEST_SUITE_P(All, GStreamerFormats,
                         ::testing::Values(Layout{"I420", PixelFormat::kYuv420p, 3},
                                           Layout{"NV12", PixelFormat::kNv12, 2},
                                           Layout{"YUY2", PixelFormat::kYuyv422, 1},
                                           Layout{"RGB", PixelFormat::kRgb24, 1},
                                           Layout{"BGR", PixelFormat::kBgr24, 1},
                                           Layout{"GRAY8", PixelFormat::kGray8, 1},
                                           Layout{"I420_10LE", PixelFormat::kYuv420p10, 3},
                                           Layout{"P010_10LE", PixelFormat::kP010, 2}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(GStreamer, ABufferIsHeldWhileTheFrameIsAndNoLonger) {
  auto source = must(opened(std::string(kTest) + "format=I420,width=64,height=48"));
  FrameRef frame = make_frame();
  ASSERT_TRUE(must(source->next(*frame)));
  GstBuffer* buffer = gst_buffer_ref(gst_sample_get_buffer(sample_of(*frame)));
  const int held = GST_MINI_OBJECT_REFCOUNT_VALUE(buffer);
  EXPECT_GE(held, 2);
  std::thread elsewhere([taken = std::move(frame)]() mutable { taken.reset(); });
  elsewhere.join();
  // The appsink itself keeps the sample that was pulled last.
  FrameRef following = make_frame();
  ASSERT_TRUE(must(source->next(*following)));
  const Nanos until = now() + 20 * kSecond;  // GStreamer's own thread may still hold it, too
  while (GST_MINI_OBJECT_REFCOUNT_VALUE(buffer) >= held && now() < until) std::this_thread::yield();
  EXPECT_LT(GST_MINI_OBJECT_REFCOUNT_VALUE(buffer), held);
  gst_buffer_unref(buffer);
}

TEST(GStreamer, BeyondTheBudgetFramesAreLeftOutAndTheNextOneHasAGap) {
  auto source = must(opened(std::string(kTest) + "format=GRAY8,width=64,height=48,framerate=1000/1",
                            {{"budget", std::int64_t{2}}, {"paced", false}}));
  std::vector<FrameRef> kept;
  for (int i = 0; i < 2; ++i) {
    kept.push_back(make_frame());
    ASSERT_TRUE(must(source->next(*kept.back())));
  }
  FrameRef frame = make_frame();
  EXPECT_FALSE(must(source->next(*frame)));  // all the others were left out
  EXPECT_EQ(source->held_back(), 6u);
}

TEST(GStreamer, ColoursAreTheStreams) {
  auto source = must(opened(std::string(kTest) +
                            "format=I420,width=64,height=48,colorimetry=1:3:5:1,chroma-site=jpeg"));
  FrameRef frame = make_frame();
  ASSERT_TRUE(must(source->next(*frame)));
  EXPECT_EQ(frame->image.range, ColourRange::kFull);
  EXPECT_EQ(frame->image.matrix, ColourMatrix::kBt709);
  EXPECT_EQ(frame->image.siting, ChromaSiting::kCentre);
  auto uhd =
      must(opened(std::string(kTest) +
                  "format=P010_10LE,width=64,height=48,colorimetry=bt709,chroma-site=cosited"));
  FrameRef other = make_frame();
  ASSERT_TRUE(must(uhd->next(*other)));
  EXPECT_EQ(other->image.siting, ChromaSiting::kTopLeft);
}

TEST(GStreamer, ALivePipelineGivesCaptureTimesOfItsClock) {
  auto source =
      must(opened("videotestsrc is-live=true ! video/x-raw,format=GRAY8,framerate=100/1"));
  Nanos before = 0;
  for (int i = 0; i < 5; ++i) {
    FrameRef frame = make_frame();
    ASSERT_TRUE(must(source->next(*frame)));
    EXPECT_LE(frame->capture, now());
    EXPECT_GT(frame->capture, before);
    before = frame->capture;
  }
}

TEST(GStreamer, OneThatWaitsIsInterrupted) {
  auto source = must(opened("appsrc ! video/x-raw,format=GRAY8,width=8,height=8,framerate=1/1",
                            {{"timeout", 0.0}}));
  std::thread other([&] { source->interrupt(); });
  FrameRef frame = make_frame();
  EXPECT_FALSE(must(source->next(*frame)));
  other.join();
}

TEST(GStreamer, WhatIsWrongIsSaidInTheStatus) {
  EXPECT_THAT(refusal("nosuchelement"), HasSubstr("no element \"nosuchelement\""));
  EXPECT_THAT(refusal("videotestsrc ! ("), HasSubstr("the pipeline can't be made"));
  EXPECT_THAT(refusal("videotestsrc ! appsink name=other"),
              HasSubstr("no appsink of the pipeline is called edgert"));
  EXPECT_THAT(refusal("videotestsrc ! video/x-raw,format=BGRA"), HasSubstr("not-negotiated"));
  EXPECT_THAT(refusal("filesrc location=/nowhere.yuv"), HasSubstr("nowhere.yuv"));
  EXPECT_THAT(refusal("appsrc ! video/x-raw,format=GRAY8,width=8,height=8,framerate=1/1",
                      {{"timeout", 0.1}}),
              HasSubstr("gave nothing for too long"));
  EXPECT_EQ(refusal(std::string(kTest) + "format=GRAY8,framerate=1000/1"), "ended");
  auto bad = make_source("gstreamer", {{"pipeline", std::string("x")}, {"speed", 2.0}});
  EXPECT_THAT(bad.status().message(), HasSubstr("speed"));
  EXPECT_THAT(make_source("gstreamer", {}).status().message(), HasSubstr("there is no pipeline"));
}

// A picture in a file descriptor that GStreamer takes for a dma-buf: a memfd can be mapped as one
// is.
GstSample* dmabuf_sample() {
  const int fd = memfd_create("picture", 0);
  std::vector<std::uint8_t> pixels(64 * 48 * 3 / 2);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % 251);
  EXPECT_EQ(write(fd, pixels.data(), pixels.size()), static_cast<ssize_t>(pixels.size()));
  GstAllocator* allocator = gst_dmabuf_allocator_new();
  GstBuffer* buffer = gst_buffer_new();
  gst_buffer_append_memory(buffer, gst_dmabuf_allocator_alloc(allocator, fd, pixels.size()));
  gst_object_unref(allocator);
  GstCaps* caps = gst_caps_from_string(
      "video/x-raw(memory:DMABuf),format=NV12,width=64,height=48,framerate=1/1");
  GstSample* sample = gst_sample_new(buffer, caps, nullptr, nullptr);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
  return sample;
}

TEST(GStreamer, ADmaBufIsPassedByItsDescriptorOrMapped) {
  gst_init(nullptr, nullptr);
  for (const auto use : {gstreamer::DmaBufUse::kPass, gstreamer::DmaBufUse::kMap}) {
    gstreamer::VideoFrames frames(2, use);
    FrameRef frame = make_frame();
    ASSERT_TRUE(must(frames.fill(*frame, dmabuf_sample())));
    const int fd = frame->dmabuf.fd;
    ASSERT_GE(fd, 0);
    EXPECT_EQ(frame->dmabuf.offset[1], 64 * 48);
    EXPECT_EQ(frame->planes[1].stride, 64);
    EXPECT_EQ(frame->planes[1].width, 32);
    EXPECT_EQ(frame->planes[1].height, 24);
    if (use == gstreamer::DmaBufUse::kPass) {
      EXPECT_EQ(frame->planes[0].data, nullptr);
    } else {
      EXPECT_EQ(frame->planes[1].data - frame->planes[0].data, 64 * 48);
      EXPECT_EQ(frame->planes[1].data[5], (64 * 48 + 5) % 251);
    }
    frame.reset();
    EXPECT_EQ(lseek(fd, 0, SEEK_CUR), -1);  // GStreamer closed it with its buffer
  }
}

TEST(GStreamer, ThroughARuntimeWithoutACopy) {
  TestPlan plan;
  FrameFormat format;
  format.image = {PixelFormat::kYuv420p, 640, 480};
  const ValueRef camera = must(plan.builder.sensor("camera", format, {InboxPolicy::kBlock, 4, 4}));
  const Params params{{"width", std::int64_t{64}}, {"height", std::int64_t{48}}};
  plan.pipeline("p", plan.transform("image.to_tensor", params, {camera}));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  SourceThread thread(
      must(make_source("gstreamer",
                       {{"pipeline", std::string("videotestsrc num-buffers=100 pattern=red ! "
                                                 "video/x-raw,format=I420,width=640,height=480")},
                        {"paced", false}})),
      running.sensor("camera"));
  int count = 0;
  Answer answer;
  while (running.runtime->next(running.pipeline("p"), answer, now() + 20 * kSecond)) {
    ASSERT_TRUE(answer.status.ok()) << answer.status.message();
    const auto* rgb = answer.outputs[0].entries[0].tensor.data<const float>();
    EXPECT_GT(rgb[0], rgb[1] + 0.5F * rgb[0]);  // red
    ++count;
  }
  EXPECT_TRUE(thread.join().ok());
  EXPECT_EQ(count, 100);
  EXPECT_EQ(thread.source().bytes_copied(), 0u);
  EXPECT_EQ(thread.held_back(), 0u);
}

}  // namespace
}  // namespace edgert::testing
