#include <gmock/gmock.h>

#include <cmath>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

Params yolo(std::string layout, Params more = {}) {
  Params params{{"layout", std::move(layout)},
                {"iou", 0.45},
                {"input_width", std::int64_t{640}},
                {"input_height", std::int64_t{640}},
                {"fit", "letterbox"}};
  for (const auto& [name, value] : more.values()) params.set(name, value);
  return params;
}

struct Object {
  float cx, cy, w, h, score;
  int label;
};

// 50 boxes of 3 classes; `objects` from box 10 on, every third box.
std::vector<float> encode(std::string_view layout, const std::vector<Object>& objects) {
  constexpr std::size_t kBoxes = 50;
  const bool v5 = layout == "v5";
  const std::size_t width = v5 ? 8 : 7;
  std::vector<float> rows(kBoxes * width, 0.01f);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Object& o = objects[i];
    float* row = rows.data() + (10 + 3 * i) * width;
    const float box[] = {o.cx, o.cy, o.w, o.h};
    std::copy_n(box, 4, row);
    if (v5) row[4] = 0.8f;
    row[(v5 ? 5 : 4) + o.label] = v5 ? o.score / 0.8f : o.score;
  }
  if (v5) return rows;
  std::vector<float> columns(rows.size());
  for (std::size_t i = 0; i < kBoxes; ++i) {
    for (std::size_t j = 0; j < width; ++j) columns[j * kBoxes + i] = rows[i * width + j];
  }
  return columns;
}

Shape shape_of(std::string_view layout) {
  return layout == "v5" ? Shape{1, 50, 8} : Shape{1, 7, 50};
}

class AnswerYolo : public testing::TestWithParam<const char*> {};

TEST_P(AnswerYolo, DecodesSuppressesAndMapsBack) {
  const std::vector<Object> objects{{320, 320, 100, 50, 0.6f, 2},
                                    {322, 320, 100, 50, 0.5f, 2},  // the same again
                                    {322, 320, 100, 50, 0.4f, 0},  // another class there
                                    {100, 200, 40, 40, 0.7f, 1},
                                    {500, 500, 40, 40, 0.2f, 1}};  // too weak
  Answer answer("answer.yolo", yolo(GetParam()));
  answer.tensor(shape_of(GetParam()), encode(GetParam(), objects)).frame(1280, 960);
  // Two frame pixels an input pixel; 80 rows of padding above and below.
  expect_near(answer.run(), {160, 200, 240, 280, 0.7f, 1,  //
                             540, 430, 740, 530, 0.6f, 2,  //
                             544, 430, 744, 530, 0.4f, 0});
}

TEST_P(AnswerYolo, ClassesTogetherLogitsAndNormalisedBoxes) {
  Params params = yolo(GetParam(), {{"class_aware", false}, {"normalised", true}});
  const std::vector<Object> objects{{0.5f, 0.5f, 0.1f, 0.1f, 0.6f, 2},
                                    {0.5f, 0.5f, 0.1f, 0.1f, 0.5f, 1}};
  Answer answer("answer.yolo", params);
  answer.tensor(shape_of(GetParam()), encode(GetParam(), objects)).frame(640, 640);
  expect_near(answer.run(), {288, 288, 352, 352, 0.6f, 2});

  auto values = encode(GetParam(), objects);
  const bool v5 = std::string_view(GetParam()) == "v5";
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t column = v5 ? i % 8 : i / 50;
    if (column >= 4) values[i] = std::log(values[i] / (1 - values[i]));
  }
  params.set("activation", "sigmoid");
  Answer logits("answer.yolo", params);
  logits.tensor(shape_of(GetParam()), values).frame(640, 640);
  expect_near(logits.run(), {288, 288, 352, 352, 0.6f, 2});
}

TEST_P(AnswerYolo, BrokenNumbersAreNoDetections) {
  Answer answer("answer.yolo", yolo(GetParam(), {{"min_score", 0.0}}));
  answer.tensor(shape_of(GetParam()), std::vector<float>(shape_of(GetParam()).elements(), kNan))
      .frame(640, 640);
  EXPECT_TRUE(answer.run().empty());
  const std::vector<Object> objects{
      {100, 100, kNan, 10, 0.9f, 0}, {200, 200, 10, 10, kNan, 1}, {300, 300, 10, 10, 0.9f, 2}};
  Answer mixed("answer.yolo", yolo(GetParam()));
  mixed.tensor(shape_of(GetParam()), encode(GetParam(), objects)).frame(640, 640);
  expect_near(mixed.run(), {295, 295, 305, 305, 0.9f, 2});
}

INSTANTIATE_TEST_SUITE_P(Layouts, AnswerYolo, testing::Values("v5", "v8"));

TEST(AnswerYoloRefusals, NameTheShape) {
  const auto refusal = [](std::string layout, const Shape& shape) {
    return Answer("answer.yolo", yolo(std::move(layout)))
        .tensor(allocate_tensor(DType::kFloat32, shape))
        .frame(1, 1)
        .refusal();
  };
  EXPECT_THAT(refusal("v5", {1, 100, 5}), AllOf(HasSubstr("1×100×5"), HasSubstr("5 + classes")));
  EXPECT_THAT(refusal("v8", {1, 4, 100}), AllOf(HasSubstr("1×4×100"), HasSubstr("4 + classes")));
  EXPECT_THAT(refusal("v8", {3, 84, 100}), HasSubstr("3×84×100"));
  EXPECT_THAT(refusal("v9", {1, 84, 100}), HasSubstr("v5, v8"));
}

}  // namespace
}  // namespace edgert::test
