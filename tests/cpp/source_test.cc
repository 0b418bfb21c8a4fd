// Sources in C++: a program's own, one of a shared library, and what is refused.
#include "edgert/source/feed.h"
#include "edgert/source/registry.h"
#include "plan_fixture.h"
#include "test_source.h"

namespace edgert::testing {
namespace {

using ::testing::HasSubstr;

FrameFormat gray() {
  FrameFormat format;
  format.image = {PixelFormat::kGray8, 8, 4};
  return format;
}

// A pipeline that gives the picture as a tensor of its pixels.
void plan_pixels(TestPlan& plan, const SensorOptions& options = {InboxPolicy::kBlock, 4, 4}) {
  const ValueRef frame = must(plan.builder.sensor("camera", gray(), options));
  const Params params{{"width", std::int64_t{8}},
                      {"height", std::int64_t{4}},
                      {"colour", std::string("gray")},
                      {"scale", 1.0}};
  plan.pipeline("p", plan.transform("image.to_tensor", params, {frame}));
}

std::unique_ptr<Source> test_source(std::int64_t count, bool fails = false) {
  return must(make_test_source({{"count", count}, {"fails", fails}}));
}

TEST(Source, FramesOfAProgramsOwnSourceGoThroughThePlanAndAreLetGo) {
  TestPlan plan;
  plan_pixels(plan);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  {
    SourceThread thread(test_source(20), running.sensor("camera"));
    std::vector<Answer> answers = running.rest("p");
    ASSERT_EQ(answers.size(), 20u);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      EXPECT_EQ(answers[i].frame->media_time, static_cast<Nanos>(i) * kSecond);
      EXPECT_EQ(floats(answers[i].outputs[0].entries[0].tensor)[5], static_cast<float>(i));
    }
    EXPECT_EQ(TestSource::blocks, 20);  // the answers hold them, and nobody made a copy
    answers.clear();
    EXPECT_TRUE(thread.join().ok());
    EXPECT_EQ(thread.held_back(), 0u);
  }
  running.runtime->stop();
  EXPECT_EQ(TestSource::blocks, 0);
}

TEST(Source, OneThatCannotBeOpenedEndsItsSensorWithTheReason) {
  TestPlan plan;
  plan_pixels(plan);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  SourceThread thread(test_source(3, true), running.sensor("camera"));
  EXPECT_EQ(thread.join().message(), "test source: is unplugged; plug it in");
  EXPECT_TRUE(running.rest("p").empty());
}

TEST(Source, OneWithoutEndIsStoppedWhileItWaitsAndWhileItsInboxIsFull) {
  TestPlan plan;
  plan_pixels(plan);
  Running running(plan);
  running.runtime->start();
  SourceThread waiting(test_source(-1), running.sensor("camera"));
  running.next("p");
  EXPECT_TRUE(waiting.stop().ok());

  TestPlan other;
  plan_pixels(other);
  Running full(other);
  full.attach("p");  // and reads nothing: soon the inbox is full
  full.runtime->start();
  SourceThread blocked(test_source(100000), full.sensor("camera"));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(blocked.stop().ok());
}

TEST(Source, OneOfALibraryIsMadeWithItsParameters) {
  const std::string path = TEST_SOURCE_LIBRARY;
  auto source = must(make_source("library", {{"library", path}, {"count", std::int64_t{2}}}));
  must(source->open());
  for (int i = 0; i < 2; ++i) {
    FrameRef frame = make_frame();
    EXPECT_TRUE(must(source->next(*frame)));
    EXPECT_EQ(frame->planes[0].data[7], i);
  }
  FrameRef frame = make_frame();
  EXPECT_FALSE(must(source->next(*frame)));
  auto refused = make_source("library", {{"library", path}, {"colour", std::string("red")}});
  EXPECT_THAT(refused.status().message(), HasSubstr("colour"));
}

TEST(Source, WhatIsNoSourceIsRefusedWithTheReason) {
  const auto said = [](const std::string& type, const Params& params) {
    auto made = make_source(type, params);
    return made.ok() ? "made" : made.status().message();
  };
  EXPECT_THAT(said("radio", {}), HasSubstr("there is no type 'radio'"));
  EXPECT_THAT(said("library", {}), HasSubstr("has no library; name its file"));
  EXPECT_THAT(said("library", {{"library", std::string("/none.so")}}),
              HasSubstr("source /none.so: "));
  EXPECT_THAT(said("library", {{"library", std::string("libm.so.6")}}),
              HasSubstr("libm.so.6 offers no source; it must export edgert_source_abi"));
  EXPECT_THAT(said("library", {{"library", std::string(TEST_SOURCE_LIBRARY_OLD)}}),
              HasSubstr("was built for version 2 of the seam, this is 1; build it again"));
}

TEST(Source, ARegisteredOneIsMadeByItsName) {
  register_source("test", make_test_source);
  auto source = must(make_source("test", {{"count", std::int64_t{1}}}));
  FrameRef frame = make_frame();
  EXPECT_TRUE(must(source->next(*frame)));
}

TEST(Source, AFrameThatIsNotMappedIsRefusedByThePort) {
  TestPlan plan;
  plan_pixels(plan);
  Running running(plan);
  running.runtime->start();
  FrameRef frame = make_frame();
  frame->image = {PixelFormat::kGray8, 8, 4};
  frame->plane_count = 1;
  frame->dmabuf.fd = 3;
  EXPECT_THAT(running.sensor("camera").push(std::move(frame)).status().message(),
              HasSubstr("not mapped for the CPU"));
}

}  // namespace
}  // namespace edgert::testing
