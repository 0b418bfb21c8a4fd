// Boxes are encoded here by the inverse of what the operation decodes, so the answers are known.
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "answer_support.h"
#include "edgert/transform/answer/anchors.h"
#include "edgert/transform/geometry.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

constexpr int kFaces = 896, kFaceColumns = 16;

Params face_params() {
  return {{"format", "mediapipe"},
          {"anchors", "mediapipe"},
          {"anchor_strides", std::vector<std::int64_t>{8, 16, 16, 16}},
          {"keypoints", std::int64_t{6}},
          {"scale_xy", 128.0},
          {"activation", "sigmoid"},
          {"nms", "weighted"},
          {"iou", 0.3},
          {"fit", "letterbox"},
          {"input_width", std::int64_t{128}},
          {"input_height", std::int64_t{128}}};
}

// Raw outputs of a face model on which nothing is seen until a face is put in.
struct FaceOutputs {
  std::vector<Anchor> anchors = make_anchors(face_params(), 128, 128).value();
  std::vector<float> boxes = std::vector<float>(kFaces * kFaceColumns, 0.0f);
  std::vector<float> scores = std::vector<float>(kFaces, -10.0f);

  // A box around (cx, cy) in pixels of the input; key point k lies (k, 2k) right of and below it.
  void put(std::size_t row, float cx, float cy, float size, float logit) {
    float* at = boxes.data() + row * kFaceColumns;
    const float dx = cx - anchors[row].cx * 128, dy = cy - anchors[row].cy * 128;
    const float head[] = {dx, dy, size, size};
    std::copy_n(head, 4, at);
    for (int k = 0; k < 6; ++k) {
      at[4 + 2 * k] = dx + static_cast<float>(k);
      at[5 + 2 * k] = dy + 2 * static_cast<float>(k);
    }
    scores[row] = logit;
  }
  Answer answer(Params params = face_params()) const {
    return Answer("answer.boxes", std::move(params))
        .tensor({1, kFaces, kFaceColumns}, boxes)
        .tensor({1, kFaces, 1}, scores);
  }
};

TEST(AnswerBoxes, MediapipeFaceThroughALetterbox) {
  FaceOutputs raw;
  raw.put(100, 40, 60, 20, 2);
  Answer answer = raw.answer().frame(640, 320);  // 5 frame pixels an input pixel, 160 above
  const auto rows = answer.run();
  ASSERT_EQ(answer.shape(), (Shape{1, 24}));
  const float score = 1 / (1 + std::exp(-2.0f));
  expect_near({rows.begin(), rows.begin() + 6}, {150, 90, 250, 190, score, 0});
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(rows[6 + 3 * k], 200 + 5 * static_cast<float>(k), 1e-3);
    EXPECT_NEAR(rows[7 + 3 * k], 140 + 10 * static_cast<float>(k), 1e-3);
    EXPECT_NEAR(rows[8 + 3 * k], score, 1e-6);
  }
  EXPECT_TRUE(answer.transform().cheap());
}

TEST(AnswerBoxes, WeightedSuppressionAveragesAGroup) {
  FaceOutputs raw;
  raw.put(10, 40, 40, 20, 0.5f);
  raw.put(11, 42, 40, 20, 1.5f);
  raw.put(700, 100, 100, 30, 1);
  const auto rows = raw.answer().frame(128, 128).run();
  ASSERT_EQ(rows.size(), 2u * 24);
  const float weak = 1 / (1 + std::exp(-0.5f)), strong = 1 / (1 + std::exp(-1.5f));
  const float cx = (40 * weak + 42 * strong) / (weak + strong);
  expect_near({rows.begin(), rows.begin() + 8}, {cx - 10, 30, cx + 10, 50, strong, 0, cx, 40});
  EXPECT_NEAR(rows[24], 85, 1e-3);
}

TEST(AnswerBoxes, ATurnedRegionGivesTheUprightBoxAround) {
  FaceOutputs raw;
  raw.put(300, 64, 32, 16, 3);                          // straight above the input's middle
  const float quarter = std::numbers::pi_v<float> / 2;  // "up" in the region is right in the frame
  const auto rows = raw.answer().frame(1000, 1000).tensor({5}, {500, 400, 256, 256, quarter}).run();
  ASSERT_EQ(rows.size(), 24u);
  expect_near({rows.begin(), rows.begin() + 4}, {548, 384, 580, 416}, 2e-3f);
  const float eighth = quarter / 2;
  const auto tilted =
      raw.answer().frame(1000, 1000).tensor({5}, {500, 400, 256, 256, eighth}).run();
  ASSERT_EQ(tilted.size(), 24u);
  EXPECT_NEAR(tilted[2] - tilted[0], 32 * std::sqrt(2.0f), 2e-3);
  EXPECT_NEAR((tilted[0] + tilted[2]) / 2, 500 + 64 * std::sin(eighth), 2e-3);
  EXPECT_NEAR((tilted[1] + tilted[3]) / 2, 400 - 64 * std::cos(eighth), 2e-3);
}

Params ssd_params() {
  return {{"format", "ssd"},
          {"anchors", "ssd_mobilenet"},
          {"activation", "sigmoid"},
          {"background", true},
          {"min_score", 0.4},
          {"iou", 0.4},
          {"input_width", std::int64_t{300}},
          {"input_height", std::int64_t{300}}};
}

TEST(AnswerBoxes, SsdMobilenetWithBackground) {
  const auto anchors = make_anchors(ssd_params(), 300, 300).value();
  std::vector<float> boxes(1917 * 4, 0.0f), scores(1917 * 24, -9.0f);
  for (std::size_t row = 0; row < 1917; ++row) scores[row * 24] = 8;  // all say "nothing"
  const auto put = [&](std::size_t row, float cx, float cy, float w, float h, std::size_t label) {
    const Anchor& a = anchors[row];
    const float encoded[] = {10 * (cy - a.cy) / a.height, 10 * (cx - a.cx) / a.width,
                             5 * std::log(h / a.height), 5 * std::log(w / a.width)};
    std::copy_n(encoded, 4, boxes.data() + row * 4);
    scores[row * 24 + label] = 1;
  };
  put(1900, 0.5f, 0.25f, 0.5f, 0.25f, 4);
  put(7, 0.1f, 0.9f, 0.1f, 0.1f, 23);
  scores[7 * 24 + 23] = 0.25f;
  Answer answer("answer.boxes", ssd_params());
  answer.tensor({1, 1917, 4}, boxes).tensor({1, 1917, 24}, scores).frame(768, 576);
  const float high = 1 / (1 + std::exp(-1.0f)), low = 1 / (1 + std::exp(-0.25f));
  expect_near(answer.run(), {192, 72, 576, 216, high, 4, 38.4f, 489.6f, 115.2f, 547.2f, low, 23});
  EXPECT_EQ(answer.shape(), (Shape{2, 6}));
}

Params plain(std::string format, Params more = {}) {
  Params params{{"format", std::move(format)},
                {"activation", "none"},
                {"input_width", std::int64_t{100}},
                {"input_height", std::int64_t{100}}};
  for (const auto& [name, value] : more.values()) params.set(name, value);
  return params;
}

TEST(AnswerBoxes, CornersAndCentres) {
  const auto run = [](const Params& params, const std::vector<float>& box) {
    return Answer("answer.boxes", params)
        .tensor({1, 1, 4}, box)
        .tensor({1, 1, 2}, {0.1f, 0.9f})
        .frame(200, 400)
        .run();
  };
  const std::vector<float> want{20, 80, 60, 240, 0.9f, 1};
  expect_near(run(plain("corners"), {0.1f, 0.2f, 0.3f, 0.6f}), want);
  expect_near(run(plain("corners", {{"order", "yx"}}), {0.2f, 0.1f, 0.6f, 0.3f}), want);
  expect_near(run(plain("corners", {{"normalised", false}}), {10, 20, 30, 60}), want);
  expect_near(run(plain("centre"), {0.2f, 0.4f, 0.2f, 0.4f}), want);
  expect_near(run(plain("centre", {{"fit", "letterbox"}, {"normalised", false}}), {40, 40, 10, 40}),
              {40, 80, 80, 240, 0.9f, 1});
}

TEST(AnswerBoxes, SoftmaxScoresOverAllColumns) {
  Params params =
      plain("corners", {{"activation", "softmax"}, {"background", true}, {"min_score", 0.3}});
  Answer answer("answer.boxes", params);
  answer.tensor({1, 3, 4}, {0, 0, .5f, .5f, .5f, .5f, 1, 1, 0, .5f, .5f, 1})
      .tensor({1, 3, 3}, {0, 1, 2, 5, 1, 2, 0, 3, 3})
      .frame(100, 100);
  const auto rows = answer.run();
  ASSERT_EQ(answer.shape(), (Shape{2, 6}));
  const float first = std::exp(2.0f) / (1 + std::exp(1.0f) + std::exp(2.0f));
  const float last = std::exp(3.0f) / (1 + 2 * std::exp(3.0f));
  EXPECT_NEAR(rows[4], first, 1e-6);
  EXPECT_EQ(rows[5], 2);
  EXPECT_NEAR(rows[10], last, 1e-6);
  EXPECT_EQ(rows[11], 1);  // of equal scores the lower index
}

TEST(AnswerBoxes, BrokenNumbersAreNoDetections) {
  FaceOutputs raw;
  raw.put(1, 30, 30, 20, kNan);
  raw.put(2, 30, 30, kNan, 3);
  raw.put(3, kInfinity, 30, 20, 3);
  raw.put(4, 30, 30, -20, 3);
  raw.put(5, 30, 30, 0, 3);
  raw.put(6, 90, 90, 20, kInfinity);
  Answer answer = raw.answer().frame(128, 128);
  const auto rows = answer.run();
  ASSERT_EQ(answer.shape(), (Shape{1, 24}));
  EXPECT_EQ(rows[4], 1);
  EXPECT_NEAR(rows[0], 80, 1e-3);
  Answer broken = raw.answer().frame(128, 128).tensor({5}, {kNan, 1, 1, 1, 0});
  EXPECT_TRUE(broken.run().empty());
  EXPECT_EQ(broken.shape(), (Shape{0, 24}));
}

TEST(AnswerBoxes, AllNanEndsWithNothing) {
  FaceOutputs raw;
  std::ranges::fill(raw.boxes, kNan);
  std::ranges::fill(raw.scores, kNan);
  EXPECT_TRUE(raw.answer().frame(128, 128).run().empty());
}

TEST(AnswerBoxes, MaxDetectionsKeepsTheBest) {
  FaceOutputs raw;
  for (std::size_t i = 0; i < 8; ++i) {
    raw.put(i, 8 + 16 * static_cast<float>(i), 50, 10, 1 + static_cast<float>(i));
  }
  Params params = face_params();
  params.set("max_detections", std::int64_t{3});
  Answer answer = raw.answer(params).frame(128, 128);
  const auto rows = answer.run();
  ASSERT_EQ(answer.shape(), (Shape{3, 24}));
  EXPECT_EQ(answer.transform().outputs()[0].max_bytes, 3u * 24 * sizeof(float));
  EXPECT_NEAR(rows[0], 8 + 16 * 7 - 5, 1e-3);
  EXPECT_NEAR(rows[48], 8 + 16 * 5 - 5, 1e-3);
}

TEST(AnswerBoxes, RefusesWrongInputs) {
  const FaceOutputs raw;
  const auto refusal = [&](const Shape& boxes, const Shape& scores, Params params = face_params()) {
    return Answer("answer.boxes", std::move(params))
        .tensor(allocate_tensor(DType::kFloat32, boxes))
        .tensor(allocate_tensor(DType::kFloat32, scores))
        .frame(128, 128)
        .refusal();
  };
  EXPECT_THAT(refusal({1, 896, 18}, {1, 896, 1}),
              AllOf(HasSubstr("answer.boxes"), HasSubstr("1×896×18"), HasSubstr("16")));
  EXPECT_THAT(refusal({1, 2016, 16}, {1, 2016, 1}),
              AllOf(HasSubstr("1×2016×16"), HasSubstr("896")));
  EXPECT_THAT(refusal({1, 896, 16}, {1, 895, 1}), AllOf(HasSubstr("scores"), HasSubstr("1×895×1")));
  EXPECT_THAT(refusal({2, 896, 16}, {1, 896, 1}), HasSubstr("2×896×16"));
  EXPECT_EQ(refusal({1, 896, 16}, {1, 896}), "");
  EXPECT_THAT(raw.answer().refusal(), HasSubstr("frame"));
  Params no_size = face_params();
  no_size.set("input_width", std::int64_t{0});
  EXPECT_THAT(raw.answer(no_size).frame(1, 1).refusal(), HasSubstr("input_width"));
  Params unknown = face_params();
  unknown.set("iuo", 0.3);
  EXPECT_THAT(raw.answer(unknown).frame(1, 1).refusal(), HasSubstr("iuo"));
  Params format = face_params();
  format.set("format", "circle");
  EXPECT_THAT(raw.answer(format).frame(1, 1).refusal(), HasSubstr("mediapipe, corners, centre"));
  Params points = plain("corners", {{"keypoints", std::int64_t{2}}});
  EXPECT_THAT(refusal({1, 9, 8}, {1, 9, 1}, points), HasSubstr("keypoints"));
}

TEST(AnswerBoxes, RefusesAnotherShapeAtRunTime) {
  TensorSpec boxes{"boxes", DType::kFloat32, {-1, -1, 4}, 4000};
  TensorSpec scores{"scores", DType::kFloat32, {-1, -1, 2}, 2000};
  const FrameFormat format = image_format(10, 10);
  const InputFormat formats[] = {format_of(boxes), format_of(scores), format_of(format)};
  auto made = make_transform("answer.boxes", plain("corners"), formats);
  ASSERT_TRUE(made.ok()) << made.status().message();
  FrameRef frame = make_frame();
  frame->image = format.image;
  TestContext context;
  const auto run = [&](const Shape& a, const Shape& b) {
    const Tensor first = allocate_tensor(DType::kFloat32, a);
    const Tensor second = allocate_tensor(DType::kFloat32, b);
    std::fill_n(first.data<float>(), first.elements(), 0.0f);
    std::fill_n(second.data<float>(), second.elements(), 0.0f);
    return context.run(*made.value(), {input_of(first), input_of(second), input_of(frame)});
  };
  EXPECT_TRUE(run({1, 7, 4}, {1, 7, 2}).ok());
  EXPECT_TRUE(run({1, 0, 4}, {1, 0, 2}).ok());
  EXPECT_FALSE(run({1, 7, 4}, {1, 8, 2}).ok());
  EXPECT_FALSE(run({2, 7, 4}, {2, 7, 2}).ok());
  EXPECT_FALSE(run({1, 7, 4}, {1, 7, 3}).ok());
}

}  // namespace
}  // namespace edgert::test
