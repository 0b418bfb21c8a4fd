// One operation told in two ways, of which one leaves defaults out, is one node.
#include "edgert/base/param_reads.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using Texts = std::vector<std::string>;

std::string text(const char* said) {
  return said;
}

struct Told {
  const char* op;
  Params briefly, in_full, otherwise;
};

void expect_one(PlanBuilder& builder, const Told& told, const std::vector<ValueRef>& inputs) {
  const ValueRef briefly = must(builder.transform(told.op, told.briefly, inputs));
  EXPECT_EQ(must(builder.transform(told.op, told.in_full, inputs)), briefly) << told.op;
  EXPECT_FALSE(must(builder.transform(told.op, told.otherwise, inputs)) == briefly) << told.op;
}

ValueRef camera(PlanBuilder& builder) {
  FrameFormat format;
  format.kind = FrameKind::kImage;
  format.image.pixel = PixelFormat::kRgb24;
  format.image.width = 64;
  format.image.height = 48;
  return must(builder.sensor("camera", format, {}));
}

ValueRef microphone(PlanBuilder& builder) {
  FrameFormat format;
  format.kind = FrameKind::kAudio;
  format.audio.rate = 16000;
  format.audio.channels = 1;
  format.audio.max_chunk = 1600;
  return must(builder.sensor("microphone", format, {}));
}

TEST(PlanDefaults, OfPictures) {
  PlanBuilder builder;
  const ValueRef frame = camera(builder);
  const std::int64_t side = 32;
  const Params size{{"width", side}, {"height", side}};
  Params full = size, scaled = size;
  for (const auto& [name, value] : {std::pair{"layout", "nhwc"},
                                    {"fit", "stretch"},
                                    {"colour", "rgb"},
                                    {"filter", "bilinear"},
                                    {"dtype", "float32"}})
    full.set(name, text(value));
  full.set("scale", 1.0);
  full.set("offset", Reals{0, 0, 0});
  full.set("pad", std::int64_t{0});
  scaled.set("scale", 0.5);
  expect_one(builder, {"image.to_tensor", size, full, scaled}, {frame});
  // One that is made beside another in the same pass, too.
  Params beside = scaled;
  beside.set("offset", 0.0);
  beside.set("layout", text("nhwc"));
  EXPECT_EQ(must(builder.transform("image.to_tensor", beside, {frame})),
            must(builder.transform("image.to_tensor", scaled, {frame})));
  expect_one(builder,
             {"image.motion",
              {},
              {{"columns", std::int64_t{64}},
               {"rows", std::int64_t{36}},
               {"threshold", std::int64_t{12}},
               {"memory_ms", 1000.0}},
              {{"threshold", 13.0}}},
             {frame});
  expect_one(builder,
             {"image.cells", {}, {{"rows", std::int64_t{36}}}, {{"rows", std::int64_t{35}}}},
             {frame});
  expect_one(builder, {"regions.grid", {}, {{"overlap", 0.0}}, {{"overlap", 0.5}}}, {frame});
  Params picture = size;
  picture.set("dtype", text("uint8"));
  const ValueRef pixels = must(builder.transform("image.to_tensor", picture, {frame}));
  Params resized = size, padded = size;
  resized.set("fit", text("stretch"));
  resized.set("pad", 0.0);
  padded.set("fit", text("letterbox"));
  expect_one(builder, {"image.resize", size, resized, padded}, {pixels});
}

TEST(PlanDefaults, OfRowsAndTensors) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s"), rows = plan.rows(sensor);
  expect_one(plan.builder,
             {"table.select", {}, {{"columns", Texts{"c0", "c1"}}}, {{"columns", Texts{"c1"}}}},
             {sensor});
  expect_one(
      plan.builder,
      {"table.scale", {}, {{"mean", Reals{0, 0}}, {"deviation", std::int64_t{1}}}, {{"mean", 1.0}}},
      {rows});
  const std::int64_t size = 4;
  expect_one(plan.builder,
             {"table.window",
              {{"size", size}},
              {{"size", size}, {"hop", size}, {"rate", 100.0}},
              {{"size", size}, {"hop", std::int64_t{2}}}},
             {rows, sensor});
  expect_one(plan.builder,
             {"tensor.transpose", {}, {{"axes", Integers{-1, 0}}}, {{"axes", Integers{0, 1}}}},
             {rows});
  expect_one(plan.builder,
             {"tensor.softmax", {}, {{"axis", std::int64_t{1}}}, {{"axis", std::int64_t{0}}}},
             {rows});
  expect_one(
      plan.builder,
      {"answer.classes", {}, {{"activation", text("none")}}, {{"activation", text("softmax")}}},
      {rows});
}

TEST(PlanDefaults, OfSounds) {
  PlanBuilder builder;
  const ValueRef frame = microphone(builder);
  expect_one(builder,
             {"audio.convert", {}, {{"rate", std::int64_t{16000}}}, {{"rate", std::int64_t{8000}}}},
             {frame});
  const ValueRef samples = must(builder.transform("audio.convert", {}, {frame}));
  const std::int64_t size = 1600;
  expect_one(builder,
             {"audio.window",
              {{"size", size}, {"rate", 16000.0}},
              {{"size", size}, {"rate", 16000.0}, {"hop", size}},
              {{"size", size}, {"rate", 16000.0}, {"hop", std::int64_t{800}}}},
             {samples, frame});
}

TEST(PlanDefaults, WhatMeansSomethingByBeingThereIsNotFilledIn) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const auto probability = [&](const Params& params) {
    return plan.transform("answer.probability", params, {rows});
  };
  EXPECT_FALSE(probability({}) == probability({{"cutoff", 0.0}}));
  EXPECT_EQ(probability({}), probability({{"average", std::int64_t{1}}}));
  EXPECT_EQ(probability({{"cutoff", 0.0}}), probability({{"cutoff", std::int64_t{0}}}));
}

TEST(ParamReads, NotesWhatTheGettersGave) {
  const Params params{{"size", std::int64_t{3}}, {"odd", text("as it is")}};
  const ParamReads reads(params);
  EXPECT_EQ(*params.real("size", 1), 3.0);
  EXPECT_EQ(*params.integer("hop", 7), 7);
  EXPECT_FALSE(params.has("peak"));
  EXPECT_EQ(*params.real("peak", 1), 1.0);
  EXPECT_EQ(*params.integer("twice", 1), 1);
  EXPECT_EQ(*params.integer("twice", 2), 2);
  ParamReads::means(params, "axis", std::int64_t{1});
  const Params copy = params;
  EXPECT_EQ(*copy.integer("of the copy", 5), 5);
  const Params meant = reads.meant();
  EXPECT_EQ(meant.values(), (Params{{"size", 3.0},
                                    {"odd", text("as it is")},
                                    {"hop", std::int64_t{7}},
                                    {"axis", std::int64_t{1}}})
                                .values());
}

TEST(ParamReads, EachHearsOfItsOwnParameters) {
  const Params outer, inner;
  const ParamReads of_outer(outer);
  {
    const ParamReads of_inner(inner);
    static_cast<void>(inner.integer("a", 1));
    static_cast<void>(outer.integer("b", 2));
    EXPECT_EQ(of_inner.meant().values().count("b"), 0u);
  }
  static_cast<void>(inner.integer("c", 3));  // nobody listens
  EXPECT_EQ(of_outer.meant().values(), (Params{{"b", std::int64_t{2}}}).values());
}

}  // namespace
}  // namespace edgert::testing
