#include "edgert/infer/model_cache.h"

#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace edgert {
namespace {

constexpr int kMostThreads = 256;

Hash128 identity(const Backend& backend, const ModelOptions& options, const Hash128& content) {
  Hasher hasher;
  hasher.text(backend.name()).number(static_cast<std::uint64_t>(options.threads)).hash(content);
  options.engine.hash_into(hasher);
  return hasher.digest();
}

}  // namespace

Result<Hash128> hash_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status(Code::kNotFound, path, "cannot read the file", "check the path");
  Hasher hasher;
  std::vector<char> block(1 << 20);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0)
    hasher.bytes(block.data(), static_cast<std::size_t>(file.gcount()));
  return hasher.digest();
}

Result<std::shared_ptr<Model>> load_shared(Backend& backend, const std::string& file,
                                           const ModelOptions& options, const Hash128& content) {
  if (options.threads < 1 || options.threads > kMostThreads)
    return Status::invalid("model file " + file, "threads is " + std::to_string(options.threads),
                           "use 1 to " + std::to_string(kMostThreads) +
                               "; more threads than cores only get in each other's way");
  static std::mutex mutex;
  static std::map<Hash128, std::weak_ptr<Model>> held;
  const std::lock_guard<std::mutex> lock(mutex);
  const Hash128 key = identity(backend, options, content);
  if (auto model = held[key].lock()) return model;
  EDGERT_ASSIGN_OR_RETURN(auto model, backend.load(file, options));
  std::erase_if(held, [](const auto& entry) { return entry.second.expired(); });
  held[key] = model;
  return model;
}

}  // namespace edgert
