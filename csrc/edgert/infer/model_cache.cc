#include "edgert/infer/model_cache.h"

#include <map>
#include <mutex>

namespace edgert {
namespace {

Hash128 identity(const Backend& backend, const ModelOptions& options, const Hash128& content) {
  Hasher hasher;
  hasher.text(backend.name()).number(static_cast<std::uint64_t>(options.threads)).hash(content);
  options.engine.hash_into(hasher);
  return hasher.digest();
}

}  // namespace

Result<std::shared_ptr<Model>> load_shared(Backend& backend, const std::string& file,
                                           const ModelOptions& options, const Hash128& content) {
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
