#include "edgert/infer/backends/tflite/packed_weights.h"

#include <sys/stat.h>

#include <map>
#include <tuple>

namespace edgert::tfl {
namespace {

// A cache that grows moves, under the feet of kernels that have its address (seen with graphs of
// several parts). So it gets room for all that the file can become: 4 bits as 32, and padding. Room
// that isn't used is address space, not memory.
constexpr std::size_t kLargestGrowth = 9, kSpare = std::size_t{4} << 20;

// Which file it is, and of when: a new file of the same name is another one.
using Identity = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

bool identify(const std::string& path, Identity& identity) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return false;
  identity = {facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec,
              facts.st_mtim.tv_nsec};
  return true;
}

}  // namespace

std::shared_ptr<PackedWeights> PackedWeights::of(const Engine& engine, const std::string& path) {
  Identity identity;
  if (!engine.has_weights_cache() || !identify(path, identity)) return nullptr;
  static std::mutex mutex;
  static std::map<Identity, std::weak_ptr<PackedWeights>> held;
  const std::lock_guard lock(mutex);
  if (auto found = held[identity].lock()) return found;
  std::erase_if(held, [](const auto& entry) { return entry.second.expired(); });
  WeightsCache* cache = engine.TfLiteXNNPackDelegateWeightsCacheCreateWithSize(
      kSpare + kLargestGrowth * static_cast<std::size_t>(std::get<2>(identity)));
  if (!cache) return nullptr;
  auto made = std::make_shared<PackedWeights>(engine, cache);
  held[identity] = made;
  return made;
}

bool PackedWeights::seal() {
  if (!sealed_) sealed_ = engine_.TfLiteXNNPackDelegateWeightsCacheFinalizeSoft(cache_);
  return sealed_;
}

}  // namespace edgert::tfl
