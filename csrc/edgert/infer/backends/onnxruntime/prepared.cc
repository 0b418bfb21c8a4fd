#include "edgert/infer/backends/onnxruntime/prepared.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "edgert/base/hash.h"
#include "edgert/infer/backends/onnxruntime/session_options.h"
#include "edgert/infer/backends/onnxruntime/shared_weights.h"
#include "edgert/infer/model_cache.h"

namespace edgert::ort {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLeastBytes = 1 << 20;
constexpr const char* kModel = "model.onnx";
constexpr const char* kWeights = "weights.data";
constexpr const char* kSum = "sum";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// As the zoo's: EDGERT_CACHE, XDG_CACHE_HOME/edgert, ~/.cache/edgert.
fs::path cache_folder() {
  if (const std::string chosen = environment("EDGERT_CACHE"); !chosen.empty()) return chosen;
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty())
    return fs::path(xdg) / "edgert";
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "edgert";
}

// What the engine's layouts and kernels depend on.
const std::string& processor() {
  static const std::string said = [] {
    std::string found;
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line) && !line.empty();)
      for (const std::string_view key : {"model name", "flags", "Features", "CPU part"})
        if (line.starts_with(key)) found += line;
    return found;
  }();
  return said;
}

// The hash of a model file that holds all of its weights. Others name files by a `location`, whose
// content this one doesn't say.
std::optional<Hash128> hash_of_whole_model(const std::string& file, std::size_t bytes) {
  std::string content(bytes, '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(content.data(), static_cast<std::streamsize>(bytes))) return {};
  constexpr std::string_view kLocation = "location";
  if (memmem(content.data(), bytes, kLocation.data(), kLocation.size())) return {};
  return Hasher().bytes(content.data(), bytes).digest();
}

// Of all files in the folder.
std::optional<std::string> sum_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.path().filename() != kSum) files.push_back(entry.path());
  if (failed) return {};
  std::ranges::sort(files);
  Hasher hasher;
  for (const fs::path& file : files) {
    const auto hash = hash_file(file);
    if (!hash.ok()) return {};
    hasher.text(file.filename().string()).hash(*hash);
  }
  return hasher.digest().hex();
}

// A new folder beside the one that it becomes.
std::optional<fs::path> staging(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder.parent_path(), failed);
  if (failed) return {};
  std::string path = folder.string() + ".XXXXXX";
  if (!mkdtemp(path.data())) return {};
  return path;
}

bool write(const Engine& engine, const std::string& file, const ModelOptions& options,
           const fs::path& into) {
  auto made = session_options(engine, options);
  if (!made.ok()) return false;
  const Api& api = engine.api;
  SessionOptions* to = made->get();
  for (Status* status :
       {api.SetOptimizedModelFilePath(to, (into / kModel).c_str()),
        api.AddSessionConfigEntry(to, "session.optimized_model_external_initializers_file_name",
                                  kWeights),
        api.AddSessionConfigEntry(
            to, "session.optimized_model_external_initializers_min_size_in_bytes", "1024")})
    if (!api.status(status, file).ok()) return false;
  Session* session = nullptr;
  if (!api.status(api.CreateSession(engine.env, file.c_str(), to, &session), file).ok())
    return false;
  api.ReleaseSession(session);
  share_weights(into, kModel, kWeights, into.parent_path() / "weights");
  const auto sum = sum_of(into);
  if (!sum) return false;
  std::ofstream(into / kSum) << *sum;
  return true;
}

}  // namespace

std::optional<std::string> prepared_folder(const Engine& engine, const std::string& file,
                                           const ModelOptions& options) {
  const fs::path cache = cache_folder();
  if (cache.empty() || environment("EDGERT_PREPARED") == "off" || !file.ends_with(".onnx"))
    return {};
  std::error_code failed;
  const auto bytes = fs::file_size(file, failed);
  if (failed || bytes < kLeastBytes) return {};
  const auto provider = options.engine.text("provider", "cpu");
  if (!provider.ok() || *provider != "cpu") return {};
  const auto content = hash_of_whole_model(file, bytes);
  if (!content) return {};
  Hasher hasher;
  hasher.hash(*content).text(engine.info.version).text(processor());
  return (cache / "prepared" / hasher.digest().hex()).string();
}

std::optional<std::string> prepared_model(const std::string& folder) {
  const fs::path at(folder);
  std::string kept;
  if (!(std::ifstream(at / kSum) >> kept)) return {};
  const auto sum = sum_of(at);
  if (sum && *sum == kept) return (at / kModel).string();
  std::error_code ignored;
  fs::remove_all(at, ignored);  // damaged: it will be made again
  return {};
}

bool prepare(const Engine& engine, const std::string& file, const ModelOptions& options,
             const std::string& folder) {
  const auto made = staging(folder);
  if (!made) return false;
  std::error_code failed, ignored;
  bool done = write(engine, file, options, *made);
  // A folder appears by one rename, whole. Another process may have been quicker.
  if (done) fs::rename(*made, folder, failed);
  if (!done || failed) fs::remove_all(*made, ignored);
  return done && (!failed || fs::exists(folder, ignored));
}

}  // namespace edgert::ort
