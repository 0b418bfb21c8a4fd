// Real models from the zoo's cache, against what the engine's own Python package answered.
#include "suite.h"

namespace edgert::conformance {
namespace {

class RealTest : public testing::Test {
 protected:
  // Null, after a skip, when the engine or the model is not there.
  std::shared_ptr<Model> load(const std::string& file) {
    Backend* backend = *backend_for_file(file);
    if (const auto why = unavailable(*backend); !why.empty()) return skip(why);
    if (!have_model(file)) return skip(file + " is not in the zoo's cache: edgert zoo get");
    auto loaded = backend->load(model_path(file), {});
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
    return loaded.ok() ? *loaded : nullptr;
  }
  Tensor array(const std::string& name) { return load_npy(model_path(name)); }

 private:
  std::shared_ptr<Model> skip(const std::string& why) {
    [&] { GTEST_SKIP() << why; }();
    return nullptr;
  }
};

TEST_F(RealTest, FaceDetector) {
  auto model = load("mp_face_detection_short_range.tflite");
  if (!model) return;
  auto session = std::move(model->session()).value();
  const Tensor x = array("mp_face_detection_short_range.x.npy");
  Tensor outputs[2];
  ASSERT_OK(session->run({&x, 1}, outputs));
  EXPECT_LT(difference(outputs[0], array("mp_face_detection_short_range.y0.npy")), 2e-3);
  EXPECT_LT(difference(outputs[1], array("mp_face_detection_short_range.y1.npy")), 2e-3);
}

TEST_F(RealTest, QuantisedClassifier) {
  auto model = load("efficientnet_lite0_int8.tflite");
  if (!model) return;
  auto session = std::move(model->session()).value();
  const Tensor x = array("efficientnet_lite0_int8.x.npy");
  Tensor y;
  ASSERT_OK(session->run({&x, 1}, {&y, 1}));
  EXPECT_LE(difference(y, array("efficientnet_lite0_int8.y0.npy")), 2);
}

TEST_F(RealTest, WakeWordKeepsItsStateAndForgetsIt) {
  auto model = load("mww_okay_nabu.tflite");
  if (!model) return;
  auto session = std::move(model->session()).value();
  const Tensor x = array("mww_okay_nabu.x.npy"), expected = array("mww_okay_nabu.y.npy");
  for (int pass = 0; pass < 2; ++pass) {
    for (std::int64_t step = 0; step < x.shape()[0]; ++step) {
      const Tensor frame = x.row(step);
      Tensor y;
      ASSERT_OK(session->run({&frame, 1}, {&y, 1}));
      ASSERT_LE(difference(y, expected.row(step)), 1) << "pass " << pass << " step " << step;
    }
    ASSERT_OK(session->reset());
  }
}

TEST_F(RealTest, VoiceActivityCarriesItsState) {
  auto model = load("silero_vad.onnx");
  if (!model) return;
  auto session = std::move(model->session()).value();
  const Tensor x = array("silero_vad.x.npy"), expected = array("silero_vad.y.npy");
  Tensor states[] = {allocate_tensor(DType::kFloat32, {2, 1, 128}),
                     allocate_tensor(DType::kFloat32, {2, 1, 128})};
  std::memset(states[0].bytes_data(), 0, states[0].bytes());
  const Tensor rate = tensor_of<std::int64_t>(Shape{}, {16000}, DType::kInt64);
  for (std::int64_t step = 0; step < x.shape()[0]; ++step) {
    const Tensor inputs[] = {x.row(step), states[step % 2], rate};
    Tensor outputs[] = {Tensor(), states[(step + 1) % 2]};
    ASSERT_OK(session->run(inputs, outputs));
    EXPECT_LT(difference(outputs[0], expected.row(step)), 1e-5) << step;
  }
}

TEST_F(RealTest, AMissingCustomOperatorIsNamed) {
  Backend* backend = *find_backend("tflite");
  const std::string file = "mp_face_landmark_with_attention.tflite";
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (!have_model(file)) GTEST_SKIP() << file << " is not in the zoo's cache: edgert zoo get";
  const auto loaded = backend->load(model_path(file), {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.status().message().find("Landmarks2TransformMatrix"), std::string::npos)
      << loaded.status().message();
  EXPECT_NE(loaded.status().message().find(file), std::string::npos);
}

}  // namespace
}  // namespace edgert::conformance
