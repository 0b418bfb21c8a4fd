#include "suite.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>

namespace edgert::conformance {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Says at the end which engines really ran, so that a pass of nothing is seen.
class Roll : public testing::Environment {
 public:
  static Roll& instance() {
    static auto* roll = [] {
      auto* made = new Roll;  // GoogleTest deletes it
      testing::AddGlobalTestEnvironment(made);
      return made;
    }();
    return *roll;
  }
  void TearDown() override {
    std::cout << "engines that ran:";
    for (const auto& [name, version] : ran) std::cout << " " << name << " " << version;
    std::cout << (ran.empty() ? " none\n" : "\n");
  }
  std::map<std::string, std::string, std::less<>> ran;
};

struct Exclusion {
  std::string_view backend, model, reason;
};
constexpr std::string_view kWords = "a model of words computes nothing";
constexpr Exclusion kExclusions[] = {
    {"null", "sum_difference", kWords},
    {"null", "dynamic", kWords},
    {"null", "dense", kWords},
    {"null", "heavy", kWords},
    {"null", "carried_state", kWords},
    {"null", "scalar", kWords},
    {"null", "passed_through", kWords},
    {"null", "missing_operator", "it has no operators"},
    {"null", "text", "its dtypes are edgert's own"},
    {"null", "bfloat16", "its dtypes are edgert's own"},
    {"null", "truncated", "a text cut at a line is a text"},
    {"onnxruntime", "inner_state", "an ONNX graph keeps no state inside"},
    {"tflite", "echo_free", "made for the null backend"},
    {"onnxruntime", "echo_free", "made for the null backend"},
};

template <class T>
double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a.data<T>()[i]) -
                                         static_cast<double>(b.data<T>()[i])));
  return largest;
}

}  // namespace

std::string models_folder() {
  return environment("EDGERT_TEST_MODELS");
}

std::string model_path(const std::string& file) {
  return models_folder() + "/" + file;
}

bool have_model(const std::string& file) {
  return !models_folder().empty() && std::filesystem::exists(model_path(file));
}

std::string exclusion(std::string_view backend, std::string_view model) {
  for (const Exclusion& entry : kExclusions)
    if (entry.backend == backend && entry.model == model) return std::string(entry.reason);
  return {};
}

std::string unavailable(Backend& backend) {
  const auto info = backend.probe();
  if (!info.ok()) return info.status().message();
  Roll::instance().ran.insert_or_assign(std::string(backend.name()), info->version);
  return {};
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.bytes_data(), b.bytes_data(), a.bytes()) == 0;
}

double difference(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape())
    return std::numeric_limits<double>::infinity();
  switch (a.dtype()) {
    case DType::kFloat32:
      return largest_difference<float>(a, b);
    case DType::kUInt8:
      return largest_difference<std::uint8_t>(a, b);
    case DType::kInt8:
      return largest_difference<std::int8_t>(a, b);
    default:
      return same_bytes(a, b) ? 0 : std::numeric_limits<double>::infinity();
  }
}

void Suite::SetUp() {
  auto found = find_backend(GetParam());
  ASSERT_TRUE(found.ok()) << found.status().message();
  backend_ = *found;
  if (backend_->extensions().empty()) GTEST_SKIP() << "this backend reads no file of its own";
  if (models_folder().empty())
    GTEST_SKIP() << "EDGERT_TEST_MODELS is not set; run through tests/conformance/with_engines.py";
  const std::string why = unavailable(*backend_);
  if (why.empty()) return;
  const std::string required = "," + environment("EDGERT_REQUIRE_ENGINES") + ",";
  ASSERT_EQ(required.find("," + GetParam() + ","), std::string::npos) << why;
  GTEST_SKIP() << why;
}

std::string Suite::file_of(const std::string& model) const {
  return model_path(model + std::string(backend_->extensions().front()));
}

std::shared_ptr<Model> Suite::load(const std::string& model, const ModelOptions& options) {
  auto loaded = backend_->load(file_of(model), options);
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  return loaded.ok() ? *loaded : nullptr;
}

std::unique_ptr<Session> Suite::open(const std::string& model, const ModelOptions& options) {
  auto loaded = load(model, options);
  if (!loaded) return nullptr;
  auto session = loaded->session();
  EXPECT_TRUE(session.ok()) << session.status().message();
  return session.ok() ? std::move(session).value() : nullptr;
}

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const Backend* backend : backends()) names.emplace_back(backend->name());
  return names;
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace edgert::conformance
