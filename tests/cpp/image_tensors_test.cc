// Several tensors of one frame from one pass: found by the plan, equal to passes apart, and only
// those made that somebody wants.
#include "edgert/transform/test_context.h"
#include "image_frames.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

constexpr const char* kOperation = "image.to_tensor";

FrameFormat camera(int width = 64, int height = 48) {
  FrameFormat format;
  format.image = {PixelFormat::kYuv420p, width, height};
  return format;
}

Params base() {
  return {{"width", std::int64_t{20}}, {"height", std::int64_t{16}}};
}

Params with(std::initializer_list<std::pair<std::string, ParamValue>> values) {
  Params params = base();
  for (const auto& [name, value] : values) params.set(name, value);
  return params;
}

// Of the same pixels, each in another form.
std::vector<Params> forms() {
  return {base(), with({{"layout", std::string("nchw")}, {"scale", 1 / 255.0}}),
          with({{"dtype", std::string("int8")}, {"offset", -128.0}, {"pad", 114.0}}),
          with({{"colour", std::string("bgr")}, {"dtype", std::string("float16")}})};
}

std::vector<std::byte> bytes(const Tensor& tensor) {
  return {tensor.bytes_data(), tensor.bytes_data() + tensor.bytes()};
}

std::vector<std::byte> made_apart(const Params& params, const Frame& frame) {
  const FrameFormat format = camera(frame.image.width, frame.image.height);
  const InputFormat input = format_of(format);
  const auto transform = must(make_transform(kOperation, params, {&input, 1}));
  TestContext context;
  must(context.run(*transform, {input_of(frame)}));
  return bytes(context.output(0));
}

class Wants final : public RunContext {
 public:
  explicit Wants(int only) : only_(only) {}
  Status allocate(int index, const Shape& shape) override { return inner_.allocate(index, shape); }
  Tensor& output(int index) override { return inner_.output(index); }
  std::byte* scratch(std::size_t size) override { return inner_.scratch(size); }
  bool wanted(int index) const override { return index == only_; }
  TestContext& inner() { return inner_; }

 private:
  int only_;
  TestContext inner_;
};

TEST(ImageTensors, OnePassGivesWhatPassesApartGive) {
  Params joined = base();
  for (std::size_t i = 1; i < forms().size(); ++i) {
    joined = *join_transforms(kOperation, joined, forms()[i]);
  }
  for (const char* filter : {"bilinear", "area"}) {
    joined.set("filter", std::string(filter));
    const TestFrame frame = make_image(camera(130, 75).image, Content::kNoise);
    const FrameFormat format = camera(130, 75);
    const InputFormat input = format_of(format);
    const auto transform = must(make_transform(kOperation, joined, {&input, 1}));
    ASSERT_EQ(transform->outputs().size(), forms().size());
    TestContext context;
    must(context.run(*transform, {input_of(*frame)}));
    for (std::size_t i = 0; i < forms().size(); ++i) {
      Params alone = forms()[i];
      alone.set("filter", std::string(filter));
      EXPECT_EQ(bytes(context.output(static_cast<int>(i))), made_apart(alone, *frame)) << i;
    }
  }
}

TEST(ImageTensors, WhatNobodyWantsIsLeftAlone) {
  const Params joined = *join_transforms(kOperation, base(), forms()[1]);
  const FrameFormat format = camera();
  const InputFormat input = format_of(format);
  const auto transform = must(make_transform(kOperation, joined, {&input, 1}));
  const TestFrame frame = make_image(format.image, Content::kNoise);
  const Input given = input_of(*frame);
  for (const int only : {0, 1}) {
    Wants context(only);
    context.inner().expect(transform->outputs());
    must(transform->run({&given, 1}, context));
    EXPECT_FALSE(context.output(1 - only));
    EXPECT_EQ(bytes(context.output(only)),
              made_apart(forms()[static_cast<std::size_t>(only)], *frame));
  }
}

TEST(ImageTensors, OtherPixelsAreNotJoined) {
  for (const Params& other :
       {with({{"width", std::int64_t{21}}}), with({{"fit", std::string("letterbox")}}),
        with({{"filter", std::string("area")}}), with({{"colour", std::string("gray")}})}) {
    EXPECT_FALSE(join_transforms(kOperation, base(), other).has_value());
  }
  EXPECT_TRUE(join_transforms(kOperation, base(), with({{"filter", std::string("bilinear")}})));
  EXPECT_FALSE(join_transforms("tensor.cast", {}, {}).has_value());
}

TEST(ImageTensors, APlanJoinsThemWhoeverAsks) {
  PlanBuilder builder;
  const ValueRef sensor = must(builder.sensor("s", camera()));
  std::vector<ValueRef> values;
  for (const Params& form : forms()) {
    values.push_back(must(builder.transform(kOperation, form, {sensor})));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i].node, values[0].node);
    EXPECT_EQ(values[i].output, static_cast<int>(i));
    EXPECT_EQ(must(builder.transform(kOperation, forms()[i], {sensor})), values[i]);
  }
  EXPECT_NE(builder.identity(values[0]), builder.identity(values[1]));
  // What is made of an output is the same whoever asked for that output first.
  PlanBuilder reversed;
  const ValueRef other = must(reversed.sensor("s", camera()));
  const ValueRef second = must(reversed.transform(kOperation, forms()[1], {other}));
  const auto behind = [](PlanBuilder& of, ValueRef value) {
    return of.identity(must(of.transform("tensor.softmax", {}, {value})));
  };
  EXPECT_EQ(behind(reversed, second), behind(builder, values[1]));
  EXPECT_NE(behind(builder, values[0]), behind(builder, values[1]));
}

TEST(ImageTensors, PipelinesGetTheirsAndAreCounted) {
  TestPlan plan;
  const ValueRef sensor = must(plan.builder.sensor("s", camera()));
  plan.pipeline("each", plan.transform(kOperation, forms()[0], {sensor}));
  PipelineSpec some = TestPlan::pipeline_of(
      "some", {{"out", plan.transform(kOperation, forms()[1], {sensor}), -1}});
  some.every = 2;
  plan.add(some);
  Running running(plan);
  running.attach("each");
  running.attach("some");
  running.runtime->start();
  const TestFrame frame = make_image(camera().image, Content::kNoise);
  for (int i = 0; i < 10; ++i) {
    FrameRef pushed = make_frame();
    pushed->image = frame.frame->image;
    pushed->planes = frame.frame->planes;
    pushed->plane_count = frame.frame->plane_count;
    must(must(running.sensor("s").push(std::move(pushed))) ? Status()
                                                           : Status::internal("s", "dropped"));
    EXPECT_EQ(bytes(running.next("each").outputs[0].entries[0].tensor),
              made_apart(forms()[0], *frame));
    if (i % 2) continue;
    EXPECT_EQ(bytes(running.next("some").outputs[0].entries[0].tensor),
              made_apart(forms()[1], *frame));
  }
  running.runtime->stop();
  const NodeSnapshot node = running.node(kOperation);
  EXPECT_EQ(node.executed, 10);
  EXPECT_EQ(node.demanded, 15);
}

}  // namespace
}  // namespace edgert::testing
