// One suite for every backend. A test takes the backend as its parameter, asks for a model by
// name, and is skipped, with the reason, where the engine is not there or the backend is excluded.
//
// EDGERT_TEST_MODELS is the folder of make_models.py; EDGERT_REQUIRE_ENGINES ("onnxruntime,tflite")
// turns the absence of an engine into a failure. with_engines.py sets the former.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "edgert/infer/registry.h"
#include "npy.h"

namespace edgert::conformance {

// Empty when the environment names none.
std::string models_folder();
std::string model_path(const std::string& file);
bool have_model(const std::string& file);

// Why `backend` has no model of that name; empty when it should have it.
std::string exclusion(std::string_view backend, std::string_view model);

// Why this backend can't be tested here; empty when it can. Remembers that it ran.
std::string unavailable(Backend& backend);

template <class T>
Tensor tensor_of(const Shape& shape, const std::vector<T>& values, DType dtype) {
  Tensor tensor = allocate_tensor(dtype, shape);
  EXPECT_EQ(tensor.bytes(), values.size() * sizeof(T));
  std::memcpy(tensor.bytes_data(), values.data(), tensor.bytes());
  return tensor;
}
inline Tensor floats(const Shape& shape, const std::vector<float>& values) {
  return tensor_of(shape, values, DType::kFloat32);
}
template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  std::vector<T> out(static_cast<std::size_t>(tensor.elements()));
  std::memcpy(out.data(), tensor.bytes_data(), tensor.bytes());
  return out;
}
bool same_bytes(const Tensor& a, const Tensor& b);
// Largest absolute difference; infinite when the shapes differ.
double difference(const Tensor& a, const Tensor& b);

class Suite : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;
  Backend& backend() { return *backend_; }
  std::string file_of(const std::string& model) const;

  // The model, or a failed test.
  std::shared_ptr<Model> load(const std::string& model, const ModelOptions& options = {});
  std::unique_ptr<Session> open(const std::string& model, const ModelOptions& options = {});

  Backend* backend_ = nullptr;
};

std::vector<std::string> backend_names();
std::string name_of(const testing::TestParamInfo<std::string>& info);

}  // namespace edgert::conformance

// Leaves the test when the backend has no such model, saying why.
#define EDGERT_NEEDS(model)                                                               \
  if (const auto why = ::edgert::conformance::exclusion(GetParam(), model); !why.empty()) \
  GTEST_SKIP() << GetParam() << " is excluded: " << why

#define EDGERT_CONFORMANCE(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(Backends, suite,                                           \
                           testing::ValuesIn(::edgert::conformance::backend_names()), \
                           ::edgert::conformance::name_of)

#define ASSERT_OK(expression)                                       \
  do {                                                              \
    const ::edgert::Status asserted_status = (expression);          \
    ASSERT_TRUE(asserted_status.ok()) << asserted_status.message(); \
  } while (false)
