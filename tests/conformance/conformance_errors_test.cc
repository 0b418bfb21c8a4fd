// What is wrong is refused, with words, before the engine sees it or by the engine without harm.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "suite.h"

namespace edgert::conformance {
namespace {

class ErrorsTest : public Suite {
 protected:
  void SetUp() override {
    Suite::SetUp();
    folder_ =
        std::filesystem::temp_directory_path() / ("edgert-errors-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string write(const std::string& bytes) {
    const auto path = folder_ / ("model" + std::string(backend().extensions().front()));
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // The message of a load that must fail.
  std::string refusal(const std::string& path, const ModelOptions& options = {}) {
    const auto loaded = backend().load(path, options);
    EXPECT_FALSE(loaded.ok()) << path << " was loaded";
    return loaded.ok() ? "" : loaded.status().message();
  }

  std::filesystem::path folder_;
};

TEST_P(ErrorsTest, AMissingFileIsNamed) {
  const auto path = (folder_ / "absent").string() + std::string(backend().extensions().front());
  EXPECT_NE(refusal(path).find(path), std::string::npos);
}

TEST_P(ErrorsTest, AnUnknownEngineOptionIsNamed) {
  ModelOptions options;
  options.engine.set("warp_speed", std::int64_t{9});
  EXPECT_NE(refusal(file_of("echo_float32"), options).find("warp_speed"), std::string::npos);
}

TEST_P(ErrorsTest, ATruncatedFileIsRefusedAtAnyLength) {
  EDGERT_NEEDS("truncated");
  for (const char* model : {"dense", "echo_two"}) {
    const std::string whole = read(file_of(model));
    ASSERT_GT(whole.size(), 100u);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto loaded = backend().load(write(whole.substr(0, size)), {});
      // A cut that leaves a whole model (padding, an optional last field) may load, and must run.
      if (!loaded.ok()) {
        ASSERT_FALSE(loaded.status().message().empty());
        continue;
      }
      auto session = (*loaded)->session();
      ASSERT_TRUE(session.ok());
    }
    EXPECT_FALSE(backend().load(write(whole.substr(0, whole.size() / 2)), {}).ok());
  }
}

TEST_P(ErrorsTest, DamagedBytesDoNotCrash) {
  const std::string whole = read(file_of("echo_two"));
  unsigned random = 12345;
  for (int i = 0; i < 300; ++i) {
    std::string damaged = whole;
    for (int flips = 0; flips < 3; ++flips) {
      random = random * 1664525u + 1013904223u;
      damaged[(random >> 8) % damaged.size()] = static_cast<char>(random >> 24);
    }
    const auto loaded = backend().load(write(damaged), {});
    if (!loaded.ok()) {
      EXPECT_FALSE(loaded.status().message().empty());
    }
  }
}

TEST_P(ErrorsTest, AnotherFormatIsRefused) {
  EXPECT_NE(refusal(write("this is a letter, not a model\n")).find("model"), std::string::npos);
  EXPECT_FALSE(refusal(write("")).empty());
  EXPECT_FALSE(refusal(write(std::string(5000, '\xff'))).empty());
  EXPECT_FALSE(refusal(folder_.string()).empty());
}

TEST_P(ErrorsTest, AMissingOperatorIsNamed) {
  EDGERT_NEEDS("missing_operator");
  const std::string message = refusal(file_of("missing_operator"));
  EXPECT_NE(message.find("NoSuchOperator"), std::string::npos) << message;
  EXPECT_NE(message.find("missing_operator"), std::string::npos) << message;
}

TEST_P(ErrorsTest, ElementTypesWithoutADtypeAreNamed) {
  EDGERT_NEEDS("text");
  const std::string message = refusal(file_of("text"));
  EXPECT_NE(message.find("'x'"), std::string::npos) << message;
  EXPECT_NE(message.find("can't carry"), std::string::npos) << message;
  EXPECT_FALSE(refusal(file_of("bfloat16")).empty());
}

TEST_P(ErrorsTest, AWrongRunIsRefusedAndTheNextOneWorks) {
  auto session = open("echo_two");
  ASSERT_TRUE(session);
  const Tensor a = floats({1, 4}, {1, 2, 3, 4});
  const Tensor b = tensor_of<std::int64_t>({3}, {1, 2, 3}, DType::kInt64);
  const auto message = [&](std::vector<Tensor> inputs, std::vector<Tensor> outputs) {
    const Status status = session->run(inputs, outputs);
    EXPECT_EQ(status.code(), Code::kInvalid);
    return status.message();
  };
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(message({a}, {{}, {}}), "2");
  has(message({a, b}, {{}}), "output");
  has(message({a, floats({3}, {1, 2, 3})}, {{}, {}}), "'b'");
  has(message({floats({4}, {1, 2, 3, 4}), b}, {{}, {}}), "1×4");
  has(message({floats({1, 3}, {1, 2, 3}), b}, {{}, {}}), "1×3");
  has(message({Tensor(), b}, {{}, {}}), "no memory");
  has(message({a, b}, {floats({1, 5}, {1, 2, 3, 4, 5}), {}}), "'p'");
  has(message({Tensor(allocate_buffer(8), DType::kFloat32, {1, 4}), b}, {{}, {}}), "smaller");

  const Tensor inputs[] = {a, b};
  Tensor outputs[2];
  ASSERT_OK(session->run(inputs, outputs));
  EXPECT_TRUE(same_bytes(outputs[0], a));
}

TEST_P(ErrorsTest, MemoryOfAnotherDeviceIsRefused) {
  auto session = open("echo_float32");
  ASSERT_TRUE(session);
  float memory[6] = {};
  const Tensor x(
      wrap_buffer(memory, sizeof memory, {DeviceKind::kCuda, 0}, nullptr, [](void*) noexcept {}),
      DType::kFloat32, {2, 3});
  Tensor y;
  const Status status = session->run({&x, 1}, {&y, 1});
  EXPECT_EQ(status.code(), Code::kInvalid);
  EXPECT_NE(status.message().find("CPU"), std::string::npos);
}

TEST(ErrorsNull, FailsAsItsFileSays) {
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  Backend* backend = *find_backend("null");
  const auto refused = backend->load(model_path("fails_to_load.null"), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("no luck"), std::string::npos);
  auto model = backend->load(model_path("fails.null"), {});
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = std::move((*model)->session()).value();
  const Tensor x = floats({1}, {1});
  Tensor y;
  const Status status = session->run({&x, 1}, {&y, 1});
  EXPECT_EQ(status.code(), Code::kEngine);
  EXPECT_EQ(status.what(), "no luck");
}

EDGERT_CONFORMANCE(ErrorsTest);

}  // namespace
}  // namespace edgert::conformance
