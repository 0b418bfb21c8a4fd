// What a run computes: shapes, dtypes, free extents, several tensors, references.
#include <cmath>
#include <limits>

#include "suite.h"

namespace edgert::conformance {
namespace {

class RunTest : public Suite {};

TEST_P(RunTest, EveryDtypePassesThrough) {
  int carried = 0;
  for (DType dtype : {DType::kFloat32, DType::kFloat16, DType::kFloat64, DType::kInt8,
                      DType::kUInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kBool}) {
    SCOPED_TRACE(dtype_name(dtype));
    auto session = open("echo_" + std::string(dtype_name(dtype)));
    ASSERT_TRUE(session);
    Tensor x = allocate_tensor(dtype, {2, 3});
    for (std::size_t i = 0; i < x.bytes(); ++i)
      x.bytes_data()[i] = static_cast<std::byte>(dtype == DType::kBool ? i % 2 : 3 * i + 1);
    Tensor y;
    ASSERT_OK(session->run({&x, 1}, {&y, 1}));
    EXPECT_TRUE(same_bytes(x, y));
    ++carried;
  }
  EXPECT_EQ(carried, 9);
}

TEST_P(RunTest, DescribesItsTensors) {
  auto model = load("echo_two");
  ASSERT_TRUE(model);
  const ModelIo& io = model->io();
  ASSERT_EQ(io.inputs.size(), 2u);
  ASSERT_EQ(io.outputs.size(), 2u);
  EXPECT_EQ(io.inputs[0].name, "a");
  EXPECT_EQ(io.inputs[0].text(), "float32 1×4");
  EXPECT_EQ(io.inputs[1].name, "b");
  EXPECT_EQ(io.inputs[1].text(), "int64 3");
  EXPECT_EQ(io.outputs[0].name, "p");
  EXPECT_EQ(io.outputs[1].text(), "int64 3");
}

TEST_P(RunTest, SeveralInputsAndOutputs) {
  auto session = open("echo_two");
  ASSERT_TRUE(session);
  const Tensor inputs[] = {floats({1, 4}, {1, 2, 3, 4}),
                           tensor_of<std::int64_t>({3}, {5, -6, 7}, DType::kInt64)};
  Tensor outputs[2];
  ASSERT_OK(session->run(inputs, outputs));
  EXPECT_TRUE(same_bytes(inputs[0], outputs[0]));
  EXPECT_TRUE(same_bytes(inputs[1], outputs[1]));
}

TEST_P(RunTest, ComputesOnSeveralInputs) {
  EDGERT_NEEDS("sum_difference");
  auto session = open("sum_difference");
  ASSERT_TRUE(session);
  const Tensor inputs[] = {floats({2, 3}, {1, 2, 3, 4, 5, 6}),
                           floats({2, 3}, {10, 20, 30, 40, 50, 60})};
  Tensor outputs[2];
  ASSERT_OK(session->run(inputs, outputs));
  EXPECT_EQ(values_of<float>(outputs[0]), (std::vector<float>{11, 22, 33, 44, 55, 66}));
  EXPECT_EQ(values_of<float>(outputs[1]), (std::vector<float>{-9, -18, -27, -36, -45, -54}));
}

TEST_P(RunTest, NotANumberPassesThrough) {
  EDGERT_NEEDS("sum_difference");
  auto session = open("sum_difference");
  ASSERT_TRUE(session);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor inputs[] = {floats({2, 3}, {nan, 2, 3, 4, 5, 6}),
                           floats({2, 3}, {1, 1, 1, 1, 1, INFINITY})};
  Tensor outputs[2];
  ASSERT_OK(session->run(inputs, outputs));
  EXPECT_TRUE(std::isnan(outputs[0].data<float>()[0]));
  EXPECT_EQ(outputs[0].data<float>()[1], 3);
  EXPECT_EQ(outputs[1].data<float>()[5], -INFINITY);
}

TEST_P(RunTest, ExtentsMayChangeBetweenRuns) {
  EDGERT_NEEDS("dynamic");
  auto model = load("dynamic");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->io().inputs[0].text(), "float32 ?×3");
  EXPECT_EQ(model->io().outputs[0].text(), "float32 ?×3");
  auto session = std::move(model->session()).value();
  for (std::int64_t rows : {2, 5, 1, 5}) {
    SCOPED_TRACE(rows);
    Tensor x = allocate_tensor(DType::kFloat32, {rows, 3});
    for (std::int64_t i = 0; i < x.elements(); ++i) x.data<float>()[i] = static_cast<float>(i + 1);
    Tensor y, in_place = allocate_tensor(DType::kFloat32, {rows, 3});
    ASSERT_OK(session->run({&x, 1}, {&y, 1}));
    ASSERT_OK(session->run({&x, 1}, {&in_place, 1}));
    ASSERT_EQ(y.shape(), x.shape());
    for (std::int64_t i = 0; i < x.elements(); ++i)
      EXPECT_EQ(y.data<float>()[i], 2 * x.data<float>()[i]);
    EXPECT_TRUE(same_bytes(y, in_place));
  }
}

TEST_P(RunTest, AnOutputOfTheWrongExtentIsRefusedAndTheNextRunWorks) {
  EDGERT_NEEDS("dynamic");
  auto session = open("dynamic");
  ASSERT_TRUE(session);
  Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor wrong = allocate_tensor(DType::kFloat32, {7, 3});
  EXPECT_FALSE(session->run({&x, 1}, {&wrong, 1}).ok());
  Tensor right;
  ASSERT_OK(session->run({&x, 1}, {&right, 1}));
  EXPECT_EQ(right.data<float>()[5], 12);
}

TEST_P(RunTest, ScalarsHaveNoAxes) {
  EDGERT_NEEDS("scalar");
  auto session = open("scalar");
  ASSERT_TRUE(session);
  Tensor x = floats(Shape{}, {4}), y;
  ASSERT_OK(session->run({&x, 1}, {&y, 1}));
  EXPECT_EQ(y.shape().rank(), 0);
  EXPECT_EQ(*y.data<float>(), -4);
}

TEST_P(RunTest, AgreesWithNumpy) {
  EDGERT_NEEDS("dense");
  for (int threads : {1, 2}) {
    auto session = open("dense", {.threads = threads, .engine = {}});
    ASSERT_TRUE(session);
    Tensor x = load_npy(model_path("dense.x.npy")), y;
    ASSERT_OK(session->run({&x, 1}, {&y, 1}));
    EXPECT_LT(difference(y, load_npy(model_path("dense.y.npy"))), 1e-5);
  }
}

TEST_P(RunTest, OutputsThatNoKernelWrites) {
  EDGERT_NEEDS("passed_through");
  auto session = open("passed_through");
  ASSERT_TRUE(session);
  Tensor x = floats({1, 4}, {9, 8, 7, 6});
  Tensor in_place[] = {allocate_tensor(DType::kFloat32, {1, 4}),
                       allocate_tensor(DType::kFloat32, {1, 4})};
  Tensor given[2];
  for (int run = 0; run < 2; ++run) {
    x.data<float>()[0] = static_cast<float>(run);
    given[0].reset();
    given[1].reset();
    ASSERT_OK(session->run({&x, 1}, in_place));
    ASSERT_OK(session->run({&x, 1}, given));
    for (const Tensor* outputs : {in_place, given}) {
      EXPECT_TRUE(same_bytes(outputs[0], x));
      EXPECT_EQ(values_of<float>(outputs[1]), (std::vector<float>{1, 2, 3, 4}));
    }
  }
}

TEST(RunNull, FreeExtentsFollowTheInput) {
  if (!have_model("echo_free.null")) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  auto model = (*find_backend("null"))->load(model_path("echo_free.null"), {});
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = std::move((*model)->session()).value();
  Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6}), y;
  ASSERT_OK(session->run({&x, 1}, {&y, 1}));
  EXPECT_TRUE(same_bytes(x, y));
}

EDGERT_CONFORMANCE(RunTest);

}  // namespace
}  // namespace edgert::conformance
