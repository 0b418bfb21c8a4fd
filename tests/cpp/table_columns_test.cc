#include <cmath>

#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Names = std::vector<std::string>;

FrameFormat table_format(int max_rows) {
  FrameFormat format;
  format.kind = FrameKind::kTable;
  format.table = {{"x", "y", "z"}, 10, max_rows};
  return format;
}

FrameRef table_frame(const Shape& shape, const std::vector<float>& values) {
  FrameRef frame = make_frame();
  frame->kind = FrameKind::kTable;
  frame->samples = tensor_of(shape, values);
  return frame;
}

TEST(TableSelect, TakesColumnsByName) {
  const FrameFormat format = table_format(4);
  const auto select = make("table.select", {{"columns", Names{"z", "x"}}}, {format_of(format)});
  EXPECT_EQ(select->outputs()[0].shape, Shape({-1, 2}));
  EXPECT_EQ(select->outputs()[0].bytes(), 32U);
  const FrameRef frame = table_frame({2, 3}, {1, 2, 3, 4, 5, 6});
  TestContext context;
  ASSERT_TRUE(context.run(*select, {input_of(frame)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 2}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(3, 1, 6, 4));
}

TEST(TableSelect, OfAllColumnsSharesTheFrame) {
  const FrameFormat format = table_format(4);
  const FrameRef frame = table_frame({2, 3}, {1, 2, 3, 4, 5, 6});
  TestContext context;
  for (const Params& params : {Params{}, Params{{"columns", Names{"x", "y", "z"}}}}) {
    const auto select = make("table.select", params, {format_of(format)});
    ASSERT_TRUE(context.run(*select, {input_of(frame)}).ok());
    EXPECT_EQ(context.output(0).bytes_data(), frame->samples.bytes_data());
  }
  EXPECT_EQ(context.allocations(), 0);
}

TEST(TableSelect, RefusesWhatIsNotThere) {
  const FrameFormat format = table_format(2);
  const auto input = format_of(format);
  const std::string unknown = refusal("table.select", {{"columns", Names{"x", "w"}}}, {input});
  EXPECT_THAT(unknown, HasSubstr("'columns'"));
  EXPECT_THAT(unknown, HasSubstr("no column 'w'"));
  EXPECT_THAT(unknown, HasSubstr("x, y, z"));
  EXPECT_THAT(refusal("table.select", {{"columns", Names{"x", "x"}}}, {input}), HasSubstr("twice"));
  const FrameFormat audio = audio_format(16000, 1, DType::kFloat32, 100);
  EXPECT_THAT(refusal("table.select", {}, {format_of(audio)}), HasSubstr("input 0"));
  const auto select = make("table.select", {}, {input});
  TestContext context;
  const FrameRef narrow = table_frame({1, 2}, {1, 2});
  const FrameRef tall = table_frame({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_FALSE(context.run(*select, {input_of(narrow)}).ok());
  EXPECT_FALSE(context.run(*select, {input_of(tall)}).ok());
}

TEST(TableScale, OneNumberOrOneAColumn) {
  const TensorSpec spec = spec_of({-1, 2, 2}, DType::kFloat32, 64);
  const Tensor input = tensor_of({1, 2, 2}, {1, 2, 3, 4});
  TestContext context;
  const auto each =
      make("table.scale",
           {{"mean", std::vector<double>{1, 2}}, {"deviation", std::vector<double>{2, 4}}},
           {format_of(spec)});
  ASSERT_TRUE(context.run(*each, {input_of(input)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(0, 0, 1, 0.5F));
  EXPECT_EQ(context.output(0).shape(), input.shape());
  const auto all = make("table.scale", {{"mean", 1.0}}, {format_of(spec)});
  ASSERT_TRUE(context.run(*all, {input_of(input)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(0, 1, 2, 3));
}

TEST(TableMagnitude, OfEachRow) {
  const TensorSpec spec = spec_of({2, 2, 3});
  const auto magnitude = make("table.magnitude", {}, {format_of(spec)});
  const Tensor input = tensor_of({2, 2, 3}, {3, 4, 0, 0, 0, 0, 1, 2, 2, -2, -3, -6});
  TestContext context;
  ASSERT_TRUE(context.run(*magnitude, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 2, 1}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(5, 0, 3, 7));
}

TEST(TableDifference, OfNeighbouringRows) {
  const TensorSpec spec = spec_of({-1, 2}, DType::kFloat32, 64);
  const auto difference = make("table.difference", {}, {format_of(spec)});
  TestContext context;
  const Tensor input = tensor_of({3, 2}, {1, 10, 4, 30, 2, 60});
  ASSERT_TRUE(context.run(*difference, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 2}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(3, 20, -2, 30));
  for (std::int64_t rows : {0, 1}) {
    const Tensor few = tensor_of({rows, 2}, std::vector<float>(static_cast<std::size_t>(2 * rows)));
    ASSERT_TRUE(context.run(*difference, {input_of(few)}).ok());
    EXPECT_EQ(context.output(0).shape(), Shape({0, 2}));
  }
}

TEST(TableColumns, RefuseBadParameters) {
  const TensorSpec spec = spec_of({4, 3}), single = spec_of({1, 3});
  const auto format = format_of(spec);
  EXPECT_THAT(refusal("table.scale", {{"mean", std::vector<double>{1, 2}}}, {format}),
              HasSubstr("'mean'"));
  EXPECT_THAT(refusal("table.scale", {{"deviation", 0.0}}, {format}), HasSubstr("'deviation'"));
  EXPECT_THAT(refusal("table.scale", {{"mean", std::nan("")}}, {format}), HasSubstr("'mean'"));
  EXPECT_THAT(refusal("table.magnitude", {{"axis", std::int64_t{0}}}, {format}),
              HasSubstr("'axis'"));
  EXPECT_THAT(refusal("table.difference", {}, {format_of(single)}), HasSubstr("one row at most"));
}

}  // namespace
}  // namespace edgert::testing
