// External TensorFlow Lite delegates, with a plugin of the suite's own.
#include <cstdlib>

#include "edgert/infer/dynamic_library.h"
#include "suite.h"

namespace edgert::conformance {
namespace {

class DelegateTest : public testing::Test {
 protected:
  void SetUp() override {
    backend_ = *find_backend("tflite");
    if (const auto why = unavailable(*backend_); !why.empty()) GTEST_SKIP() << why;
    if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
    setenv("EDGERT_TFLITE_LIBRARY", backend_->probe()->library.c_str(), 1);
  }
  auto load(const std::string& plugin, const std::vector<std::string>& options = {}) {
    ModelOptions chosen;
    chosen.engine.set("delegate", plugin);
    if (!options.empty()) chosen.engine.set("delegate_options", options);
    return backend_->load(model_path("delegated.tflite"), chosen);
  }
  // A variable that the plugin exports.
  template <class T>
  T variable(const char* name) {
    return *static_cast<T*>(DynamicLibrary::open(EDGERT_TEST_DELEGATE)->symbol(name));
  }
  Backend* backend_ = nullptr;
};

TEST_F(DelegateTest, RunsWhatTheEngineCannot) {
  EXPECT_FALSE(backend_->load(model_path("delegated.tflite"), {}).ok());
  auto model = load(EDGERT_TEST_DELEGATE, {"factor=3"});
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = std::move((*model)->session()).value();
  const Tensor x = floats({1, 4}, {1, 2, 3, 4});
  Tensor y;
  ASSERT_OK(session->run({&x, 1}, {&y, 1}));
  EXPECT_EQ(values_of<float>(y), (std::vector<float>{3, 6, 9, 12}));
}

TEST_F(DelegateTest, ItsKernelSeesTheCallersMemory) {
  auto model = load(EDGERT_TEST_DELEGATE);
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = std::move((*model)->session()).value();
  for (int run = 0; run < 6; ++run) {
    const Tensor x(allocate_buffer(128), DType::kFloat32, {1, 4});
    Tensor y(allocate_buffer(128), DType::kFloat32, {1, 4});
    for (int i = 0; i < 4; ++i) x.data<float>()[i] = static_cast<float>(run + i);
    ASSERT_OK(session->run({&x, 1}, {&y, 1}));
    EXPECT_EQ(variable<const void*>("edgert_test_last_input"), x.bytes_data());
    EXPECT_EQ(variable<const void*>("edgert_test_last_output"), y.bytes_data());
    EXPECT_EQ(y.data<float>()[3], static_cast<float>(2 * (run + 3)));
  }
  EXPECT_EQ(session->bytes_copied(), 0u);
}

TEST_F(DelegateTest, EachSessionHasOneAndGivesItBack) {
  {
    auto model = load(EDGERT_TEST_DELEGATE);
    ASSERT_TRUE(model.ok()) << model.status().message();
    auto one = (*model)->session(), other = (*model)->session();
    ASSERT_TRUE(one.ok() && other.ok());
    EXPECT_EQ(variable<int>("edgert_test_living_delegates"), 2);
  }
  EXPECT_EQ(variable<int>("edgert_test_living_delegates"), 0);
}

TEST_F(DelegateTest, WhatIsWrongIsSaid) {
  const auto missing = load("/nowhere/libedgetpu.so.1");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().code(), Code::kUnavailable);
  EXPECT_NE(missing.status().message().find("/nowhere/libedgetpu.so.1"), std::string::npos);

  const auto other = load("libm.so.6");
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.status().message().find("tflite_plugin_create_delegate"), std::string::npos);

  const auto unplugged = load(EDGERT_TEST_DELEGATE, {"fail=no device"});
  ASSERT_FALSE(unplugged.ok());
  EXPECT_NE(unplugged.status().message().find("no device"), std::string::npos);

  const auto unreadable = load(EDGERT_TEST_DELEGATE, {"factor"});
  ASSERT_FALSE(unreadable.ok());
  EXPECT_NE(unreadable.status().message().find("key=value"), std::string::npos);
}

}  // namespace
}  // namespace edgert::conformance
