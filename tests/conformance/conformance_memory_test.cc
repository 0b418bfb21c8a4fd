// Whose memory a run uses: the caller's, without a copy, at whatever address it is this time.
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"

namespace edgert::conformance {
namespace {

class MemoryTest : public Suite {
 protected:
  // Runs `model` with its one input at ever changing addresses; the output must be the caller's
  // memory, hold what `expected` says, and nothing may have been copied.
  template <class Expected>
  void follows_addresses(const std::string& model, const Shape& shape, Expected expected) {
    auto session = open(model);
    ASSERT_TRUE(session);
    std::vector<Tensor> xs, ys;
    for (int i = 0; i < 12; ++i) {
      xs.push_back(spacious(shape));
      ys.push_back(spacious(shape));
      for (std::int64_t at = 0; at < shape.elements(); ++at)
        xs.back().data<float>()[at] = static_cast<float>(i * 100 + at);
    }
    for (int run = 0; run < 60; ++run) {
      const auto i = static_cast<std::size_t>(run * 7 % 12),
                 o = static_cast<std::size_t>(run * 5 % 12);
      xs[i].data<float>()[0] += 1;
      std::byte* const memory = ys[o].bytes_data();
      std::memset(memory, 0xff, ys[o].bytes());
      ASSERT_OK(session->run({&xs[i], 1}, {&ys[o], 1}));
      ASSERT_EQ(ys[o].bytes_data(), memory);
      for (std::int64_t at = 0; at < shape.elements(); ++at)
        ASSERT_EQ(ys[o].data<float>()[at], expected(xs[i].data<float>()[at])) << "run " << run;
    }
    EXPECT_EQ(session->bytes_copied(), 0u);
  }

  // With room behind, as the pools give.
  static Tensor spacious(const Shape& shape) {
    const auto bytes = static_cast<std::size_t>(shape.elements()) * sizeof(float);
    return {allocate_buffer(bytes + 64), DType::kFloat32, shape};
  }
};

TEST_P(MemoryTest, InputsAndOutputsAreUsedInPlace) {
  follows_addresses("echo_float32", {2, 3}, [](float x) { return x; });
}

TEST_P(MemoryTest, InputsAreReadWhereTheyAreNow) {
  EDGERT_NEEDS("dynamic");
  follows_addresses("dynamic", {4, 3}, [](float x) { return 2 * x; });
}

TEST_P(MemoryTest, EnginesMemoryOutlivesSessionAndModel) {
  auto session = open("echo_float32");
  ASSERT_TRUE(session);
  Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6}), first, second;
  ASSERT_OK(session->run({&x, 1}, {&first, 1}));
  x.data<float>()[0] = 50;
  ASSERT_OK(session->run({&x, 1}, {&second, 1}));
  EXPECT_NE(first.bytes_data(), second.bytes_data());
  session.reset();
  EXPECT_EQ(values_of<float>(first), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values_of<float>(second), (std::vector<float>{50, 2, 3, 4, 5, 6}));
}

TEST_P(MemoryTest, UnalignedMemoryWorks) {
  auto session = open("echo_float32");
  ASSERT_TRUE(session);
  for (std::size_t offset : {4u, 20u, 64u}) {
    const Tensor x(allocate_buffer(256), DType::kFloat32, {2, 3}, offset);
    Tensor y(allocate_buffer(256), DType::kFloat32, {2, 3}, offset);
    for (int i = 0; i < 6; ++i) x.data<float>()[i] = static_cast<float>(i) + 0.5f;
    ASSERT_OK(session->run({&x, 1}, {&y, 1}));
    EXPECT_TRUE(same_bytes(x, y)) << offset;
  }
}

// Kernels may read a little past an input: what ends where nothing is mapped must not crash them.
TEST(MemoryTflite, AnInputMayEndAtTheEndOfMemory) {
  Backend* backend = *find_backend("tflite");
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  auto model = backend->load(model_path("int8_rows.tflite"), {});
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = std::move((*model)->session()).value();
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));  // 4, 16 or 64 KiB on ARM
  constexpr std::size_t kBytes = 1365 * 3, kRoom = 4096;
  void* pages = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  std::byte* const end = static_cast<std::byte*>(pages) + page;
  ASSERT_EQ(mprotect(end, page, PROT_NONE), 0);
  {
    const Tensor x(wrap_buffer(end - kRoom, kBytes, {}, nullptr, [](void*) noexcept {}),
                   DType::kInt8, {1365, 3});
    for (std::size_t i = 0; i < kBytes; ++i)
      x.data<std::int8_t>()[i] = static_cast<std::int8_t>(i % 40);
    Tensor y;
    ASSERT_OK(session->run({&x, 1}, {&y, 1}));
    for (std::size_t row = 0; row < 1365; ++row)
      ASSERT_EQ(y.data<std::int8_t>()[4 * row],
                static_cast<int>(3 * row % 40 + (3 * row + 1) % 40 + (3 * row + 2) % 40));
  }
  munmap(pages, 2 * page);
}

TEST(MemoryTflite, KernelsAndXnnpackReadTheSameInput) {
  Backend* backend = *find_backend("tflite");
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  for (bool xnnpack : {true, false}) {
    ModelOptions options;
    options.engine.set("xnnpack", xnnpack);
    auto model = backend->load(model_path("mixed_kernels.tflite"), options);
    ASSERT_TRUE(model.ok()) << model.status().message();
    auto session = std::move((*model)->session()).value();
    for (int run = 0; run < 20; ++run) {
      const Tensor x(allocate_buffer(128), DType::kFloat32, {1, 8});
      for (int i = 0; i < 8; ++i) x.data<float>()[i] = static_cast<float>(run + i);
      Tensor y;
      ASSERT_OK(session->run({&x, 1}, {&y, 1}));
      for (int i = 0; i < 8; ++i)
        ASSERT_EQ(y.data<float>()[i], static_cast<float>(2 * (run + i) + (run + i) % 3));
    }
    EXPECT_EQ(session->bytes_copied(), 0u);
  }
}

TEST(MemoryTflite, QuantisedInputsFollowTheirAddresses) {
  Backend* backend = *find_backend("tflite");
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  auto model = backend->load(model_path("int8_add.tflite"), {});
  ASSERT_TRUE(model.ok()) << model.status().message();
  const ModelIo& io = (*model)->io();
  ASSERT_EQ(io.input_quantization.size(), 2u);
  EXPECT_EQ(io.input_quantization[0].scale, 0.5f);
  EXPECT_EQ(io.input_quantization[0].zero, -3);
  EXPECT_EQ(io.output_quantization[0].scale, 1.0f);
  EXPECT_EQ(io.output_quantization[0].zero, 5);
  auto session = std::move((*model)->session()).value();
  for (int run = 0; run < 20; ++run) {
    const Tensor inputs[] = {Tensor(allocate_buffer(128), DType::kInt8, {1, 64}),
                             Tensor(allocate_buffer(128), DType::kInt8, {1, 64})};
    for (int i = 0; i < 64; ++i) {
      inputs[0].data<std::int8_t>()[i] = static_cast<std::int8_t>(run - i);
      inputs[1].data<std::int8_t>()[i] = static_cast<std::int8_t>(2 * i - 60);
    }
    Tensor y;
    ASSERT_OK(session->run(inputs, {&y, 1}));
    for (int i = 0; i < 64; ++i) {
      const double real = 0.5 * (run - i + 3) + 0.25 * (2 * i - 60 - 7);
      ASSERT_NEAR(y.data<std::int8_t>()[i] - 5, real, 0.51) << run << " " << i;
    }
  }
  EXPECT_EQ(session->bytes_copied(), 0u);
}

TEST(MemoryTflite, WhatMustBeCopiedIsCounted) {
  Backend* backend = *find_backend("tflite");
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  auto model = backend->load(model_path("echo_float32.tflite"), {});
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = std::move((*model)->session()).value();
  const Tensor x(allocate_buffer(256), DType::kFloat32, {2, 3}, 4);
  Tensor y(allocate_buffer(256), DType::kFloat32, {2, 3}, 8);
  ASSERT_OK(session->run({&x, 1}, {&y, 1}));
  EXPECT_EQ(session->bytes_copied(), 48u);
}

EDGERT_CONFORMANCE(MemoryTest);

}  // namespace
}  // namespace edgert::conformance
