// The indexes of functions.h against the official header, where one is installed.
#include <gtest/gtest.h>

#include "edgert/infer/backends/onnxruntime/functions.h"

#ifdef EDGERT_HAVE_ONNXRUNTIME_HEADER
#include <onnxruntime_c_api.h>

TEST(OnnxRuntimeTable, IndexesAreTheHeadersOwn) {
#define EDGERT_ORT_CHECK(index, name, result, arguments) \
  EXPECT_EQ(offsetof(OrtApi, name) / sizeof(void*), std::size_t{index}) << #name;
  EDGERT_ORT_FUNCTIONS(EDGERT_ORT_CHECK)
#undef EDGERT_ORT_CHECK
}

TEST(OnnxRuntimeTable, NumbersAreTheHeadersOwn) {
  using edgert::ort::ElementType;
  using edgert::ort::ValueKind;
  EXPECT_EQ(static_cast<int>(ElementType::kFloat), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  EXPECT_EQ(static_cast<int>(ElementType::kString), ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING);
  EXPECT_EQ(static_cast<int>(ElementType::kBFloat16), ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16);
  EXPECT_EQ(static_cast<int>(ValueKind::kTensor), ONNX_TYPE_TENSOR);
  EXPECT_EQ(static_cast<int>(ValueKind::kOptional), ONNX_TYPE_OPTIONAL);
  EXPECT_EQ(edgert::ort::kLogFatal, ORT_LOGGING_LEVEL_FATAL);
  EXPECT_EQ(edgert::ort::kOptimiseAll, ORT_ENABLE_ALL);
  EXPECT_EQ(edgert::ort::kSequential, ORT_SEQUENTIAL);
  EXPECT_EQ(edgert::ort::kDeviceAllocator, OrtDeviceAllocator);
  EXPECT_EQ(edgert::ort::kArenaAllocator, OrtArenaAllocator);
  EXPECT_EQ(edgert::ort::kMemoryTypeDefault, OrtMemTypeDefault);
  EXPECT_LE(edgert::ort::kApiVersion, std::uint32_t{ORT_API_VERSION});
}
#else
TEST(OnnxRuntimeTable, IndexesAreTheHeadersOwn) {
  GTEST_SKIP() << "no onnxruntime_c_api.h is installed (Debian: libonnxruntime-dev)";
}
#endif
