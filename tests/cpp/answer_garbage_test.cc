// Whatever bits a model puts out, an answer ends, stays in its bounds and holds no NaN.
#include <cmath>
#include <cstring>
#include <random>

#include "answer_support.h"

namespace edgert::test {
namespace {

// Random bit patterns: NaN, infinities, denormals and everything between; some plain values, so
// that much passes the first comparisons.
Tensor garbage(const Shape& shape, std::mt19937& random) {
  Tensor tensor = allocate_tensor(DType::kFloat32, shape);
  std::uniform_real_distribution<float> plain(-3, 3);
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value = plain(random);
    if (bits % 3 == 0) std::memcpy(&value, &bits, sizeof value);
    tensor.data<float>()[i] = value;
  }
  return tensor;
}

Params with_size(Params params, std::int64_t size) {
  params.set("input_width", size);
  params.set("input_height", size);
  return params;
}

void expect_finite(Answer& answer) {
  for (const float value : answer.run()) ASSERT_TRUE(std::isfinite(value));
}

class AnswerGarbage : public testing::TestWithParam<unsigned> {
 protected:
  std::mt19937 random_{GetParam()};
};

TEST_P(AnswerGarbage, Detectors) {
  for (const char* nms : {"hard", "weighted", "none"}) {
    Answer face("answer.boxes",
                with_size({{"format", "mediapipe"},
                           {"anchors", "mediapipe"},
                           {"nms", nms},
                           {"anchor_strides", std::vector<std::int64_t>{8, 16, 16, 16}},
                           {"keypoints", std::int64_t{6}},
                           {"min_score", 0.0}},
                          128));
    face.tensor(garbage({1, 896, 16}, random_))
        .tensor(garbage({1, 896, 1}, random_))
        .frame(640, 480);
    expect_finite(face.tensor(garbage({5}, random_)));
    Answer ssd("answer.boxes", with_size({{"format", "ssd"},
                                          {"anchors", "ssd_mobilenet"},
                                          {"nms", nms},
                                          {"background", true},
                                          {"activation", "softmax"}},
                                         300));
    ssd.tensor(garbage({1, 1917, 4}, random_)).tensor(garbage({1, 1917, 24}, random_));
    expect_finite(ssd.frame(768, 576));
  }
  for (const char* layout : {"v5", "v8"}) {
    Answer yolo("answer.yolo", with_size({{"layout", layout}, {"min_score", 0.0}}, 640));
    expect_finite(yolo.tensor(garbage({1, 40, 300}, random_)).frame(768, 576));
  }
  Answer detr("answer.detr", with_size({}, 800));
  detr.tensor(garbage({1, 100, 92}, random_)).tensor(garbage({1, 100, 4}, random_));
  expect_finite(detr.frame(768, 576));
}

TEST_P(AnswerGarbage, TheOthers) {
  for (const char* activation : {"none", "sigmoid", "softmax"}) {
    const Params params{{"activation", activation}};
    Answer classes("answer.classes", params);
    classes.tensor(garbage({1, 1000}, random_));
    for (const float value : classes.run()) EXPECT_FALSE(std::isnan(value));
    Answer mask("answer.mask", params);
    for (const float value : mask.tensor(garbage({1, 30, 40, 3}, random_)).run()) {
      ASSERT_TRUE(value >= 0 && value <= 1);
    }
  }
  Answer points("answer.keypoints", with_size({{"score_at", std::int64_t{2}}}, 192));
  expect_finite(points.tensor(garbage({1, 300}, random_)).frame(640, 480));
  Answer embedding("answer.embedding", {});
  expect_finite(embedding.tensor(garbage({1, 1280}, random_)));
}

TEST_P(AnswerGarbage, DetectionsAndRegions) {
  Answer join("detections.join", {});
  join.tensor(garbage({50, 9}, random_), 50 * 36).tensor(garbage({20, 9}, random_), 20 * 36);
  EXPECT_LE(join.run().size(), 70u * 9);
  Answer regions(
      "regions.from_detections",
      {{"rotate_from", std::int64_t{0}}, {"rotate_to", std::int64_t{1}}, {"square", true}});
  expect_finite(regions.tensor(garbage({50, 12}, random_), 50 * 48).frame(640, 480));
  Answer points("regions.from_keypoints", {{"square", true}});
  expect_finite(points.tensor(garbage({21, 4}, random_)).frame(640, 480));
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnswerGarbage, testing::Range(0u, 8u));

}  // namespace
}  // namespace edgert::test
