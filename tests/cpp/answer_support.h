// What the tests of answers and regions share: making an operation by name, and running it once.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "edgert/transform/test_context.h"

namespace edgert::test {

inline FrameFormat image_format(int width, int height) {
  FrameFormat format;
  format.image.width = width;
  format.image.height = height;
  return format;
}

// An operation with its inputs: tensors in order, a frame where `frame()` was called.
class Answer {
 public:
  Answer(std::string name, Params params) : name_(std::move(name)), params_(std::move(params)) {}

  Answer& tensor(const Shape& shape, const std::vector<float>& values, std::size_t max_bytes = 0) {
    EXPECT_EQ(static_cast<std::size_t>(shape.elements()), values.size());
    return tensor(
        values.empty() ? allocate_tensor(DType::kFloat32, shape) : tensor_of(shape, values),
        max_bytes);
  }
  Answer& tensor(Tensor tensor, std::size_t max_bytes = 0) {
    Shape announced = tensor.shape();
    if (max_bytes > 0) announced[0] = -1;
    slots_.push_back({std::move(tensor), {"input", DType::kFloat32, announced, max_bytes}, false});
    return *this;
  }
  Answer& frame(int width, int height) {
    format_ = image_format(width, height);
    frame_ = make_frame();
    frame_->image = format_.image;
    slots_.push_back({{}, {}, true});
    return *this;
  }

  Status make() {
    std::vector<InputFormat> formats;
    for (const Slot& slot : slots_) {
      formats.push_back(slot.is_frame ? format_of(format_) : format_of(slot.spec));
    }
    auto made = make_transform(name_, params_, formats);
    if (!made.ok()) return made.status();
    transform_ = std::move(made).value();
    return {};
  }

  Status try_run() {
    std::vector<Input> inputs;
    for (const Slot& slot : slots_) {
      inputs.push_back(slot.is_frame ? input_of(frame_) : input_of(slot.tensor));
    }
    return context_.run(*transform_, inputs);
  }

  // Makes and runs; the values of output 0.
  std::vector<float> run() {
    Status status = make();
    EXPECT_TRUE(status.ok()) << status.message();
    if (!status.ok()) return {};
    for (const TensorSpec& spec : transform_->outputs()) EXPECT_GT(spec.bytes(), 0u);
    status = try_run();
    EXPECT_TRUE(status.ok()) << status.message();
    if (!status.ok()) return {};
    const Tensor& out = context_.output(0);
    const float* values = out.data<const float>();
    return {values, values + out.elements()};
  }

  // Why it can't be made; empty when it can.
  std::string refusal() {
    const Status status = make();
    return status.ok() ? "" : status.message();
  }
  const Shape& shape() { return context_.output(0).shape(); }
  const Tensor& output() { return context_.output(0); }
  Transform& transform() { return *transform_; }

 private:
  struct Slot {
    Tensor tensor;
    TensorSpec spec;
    bool is_frame;
  };
  std::string name_;
  Params params_;
  std::vector<Slot> slots_;
  FrameFormat format_;
  FrameRef frame_;
  std::shared_ptr<Transform> transform_;
  TestContext context_;
};

inline void expect_near(const std::vector<float>& got, const std::vector<float>& want,
                        float tolerance = 1e-3f) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], want[i], tolerance) << "at " << i;
}

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace edgert::test
