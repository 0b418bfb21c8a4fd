// The cache's memory: what is charged, and what goes when there is no room.
#include "edgert/cache/result_store.h"

#include <algorithm>
#include <cstdlib>

namespace edgert {
namespace {

constexpr std::size_t kMostPassedOver = 64;  // results in use, in one search for what may go

using Shard = ResultStore::Shard;
using Ranked = ResultStore::Ranked;

bool goes_later(const Ranked& a, const Ranked& b) {
  return a.rank > b.rank;
}
void enqueue(Shard& shard, CachedResult& result) {
  shard.queue.push_back({result.rank, &result});
  std::push_heap(shard.queue.begin(), shard.queue.end(), &goes_later);
}
void dequeue(Shard& shard) {
  std::pop_heap(shard.queue.begin(), shard.queue.end(), &goes_later);
  shard.queue.pop_back();
}

}  // namespace

Content::Content(std::shared_ptr<ResultStore> owner, const Hash128& of, const FrameForm& formed,
                 void* data)
    : Buffer(data, formed.bytes, {}, &drop, kBufferSlack),
      store(std::move(owner)),
      hash(of),
      form(formed) {}

// Whoever looks it up meanwhile sees that its last reference is gone, and may put another in its
// place.
void Content::drop(Buffer* buffer) noexcept {
  auto* self = static_cast<Content*>(buffer);
  const std::shared_ptr<ResultStore> store = std::move(self->store);
  {
    ResultStore::Shard& shard = store->shard_of(*self);
    const std::lock_guard lock(shard.lock);
    const auto found = shard.contents.find(self->hash);
    if (found != shard.contents.end() && found->second == self) shard.contents.erase(found);
  }
  const std::size_t size = self->size();
  std::free(self->data());
  delete self;
  store->contents.add(-1);
  store->give_back(size);
}

Kept::Kept(std::shared_ptr<ResultStore> owner, void* data, std::size_t size)
    : Buffer(data, size, {}, &drop, kBufferSlack), store(std::move(owner)) {}

void Kept::drop(Buffer* buffer) noexcept {
  auto* self = static_cast<Kept*>(buffer);
  const std::shared_ptr<ResultStore> store = std::move(self->store);
  const std::size_t size = self->size();
  std::free(self->data());
  delete self;
  store->give_back(size);
}

bool ResultStore::reserve(std::size_t bytes) {
  const auto wanted = static_cast<std::int64_t>(bytes + kOverhead);
  if (wanted <= limit_) {
    std::int64_t used = used_.load(std::memory_order_relaxed);  // it counts alone
    for (;;) {
      if (used + wanted > limit_) {
        if (!evict()) break;
        used = used_.load(std::memory_order_relaxed);
      } else if (used_.compare_exchange_weak(used, used + wanted, std::memory_order_relaxed)) {
        return true;
      }
    }
  }
  refused.add();
  return false;
}

void ResultStore::give_back(std::size_t bytes) {
  used_.fetch_sub(static_cast<std::int64_t>(bytes + kOverhead), std::memory_order_relaxed);
}

void ResultStore::rank(Shard& shard, CachedResult& result, bool is_new) {
  auto& content = static_cast<Content&>(*result.content);
  const auto own = static_cast<double>(result.memory->size() + kOverhead);
  const double shared =
      static_cast<double>(content.size() + kOverhead) / static_cast<double>(content.results.size());
  // Relaxed: a floor that rises meanwhile only makes it a little older.
  result.rank = floor_.load(std::memory_order_relaxed) +
                result.uses * static_cast<double>(result.cost) / (own + shared);
  if (!is_new) return;  // its place in the queue is mended when it comes to its front
  enqueue(shard, result);
  if (result.rank < shard.lowest.load(std::memory_order_relaxed))
    shard.lowest.store(result.rank, std::memory_order_relaxed);
}

std::unique_ptr<CachedResult> ResultStore::take(CachedResult& result) {
  auto& siblings = static_cast<Content&>(*result.content).results;
  const auto at = std::ranges::find(siblings, &result, &std::unique_ptr<CachedResult>::get);
  std::unique_ptr<CachedResult> taken = std::move(*at);
  *at = std::move(siblings.back());
  siblings.pop_back();
  return taken;
}

// The one that goes first, taken out of the queue; null where all are in use.
CachedResult* ResultStore::lowest_of(Shard& shard) {
  const std::vector<Ranked>& queue = shard.queue;
  std::vector<CachedResult*> passed_over;
  CachedResult* found = nullptr;
  while (!queue.empty() && !found && passed_over.size() < kMostPassedOver) {
    const Ranked front = queue.front();
    const bool in_use = !front.result->memory->unique();
    if (!in_use && front.rank == front.result->rank) {
      found = front.result;
      break;
    }
    dequeue(shard);
    if (in_use)
      passed_over.push_back(front.result);
    else
      enqueue(shard, *front.result);
  }
  shard.lowest.store(found ? found->rank : kNothing, std::memory_order_relaxed);
  if (found) dequeue(shard);
  for (CachedResult* back : passed_over) enqueue(shard, *back);
  return found;
}

// Null: all are in use, or another shard has a lower one.
std::unique_ptr<CachedResult> ResultStore::take_lowest(Shard& shard, double others) {
  const std::lock_guard lock(shard.lock);
  CachedResult* found = lowest_of(shard);
  if (!found) return nullptr;
  if (found->rank > others) {
    enqueue(shard, *found);
    return nullptr;
  }
  const double next = shard.queue.empty() ? kNothing : shard.queue.front().rank;
  shard.lowest.store(next, std::memory_order_relaxed);
  return take(*found);
}

double ResultStore::lowest_but(const Shard* shard) const {
  double lowest = kNothing;
  for (const Shard& other : shards_)
    if (&other != shard) lowest = std::min(lowest, other.lowest.load(std::memory_order_relaxed));
  return lowest;
}

void ResultStore::raise_floor(double rank) {
  double floor = floor_.load(std::memory_order_relaxed);
  while (floor < rank && !floor_.compare_exchange_weak(floor, rank, std::memory_order_relaxed)) {
  }
}

// What goes is destroyed after the lock was given back.
bool ResultStore::evict() {
  std::unique_ptr<CachedResult> gone;
  for (std::size_t tries = 0; !gone && tries < 2 * kShards; ++tries) {
    Shard* lowest = &shards_[0];
    for (Shard& shard : shards_)
      if (shard.lowest.load(std::memory_order_relaxed) <
          lowest->lowest.load(std::memory_order_relaxed))
        lowest = &shard;
    if (lowest->lowest.load(std::memory_order_relaxed) == kNothing) break;
    gone = take_lowest(*lowest, lowest_but(lowest));
  }
  // What was in use may not be any more, and nobody tells.
  for (Shard& shard : shards_)
    if (!gone) gone = take_lowest(shard, kNothing);
  if (!gone) return false;
  raise_floor(gone->rank);
  evictions.add();
  results.add(-1);
  return true;
}

void ResultStore::clear() {
  std::vector<std::unique_ptr<CachedResult>> gone;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.lock);
    shard.queue.clear();
    for (auto& [hash, content] : shard.contents)
      for (auto& result : std::exchange(content->results, {})) gone.push_back(std::move(result));
  }
}

CacheSnapshot ResultStore::counts() const {
  return {used_.load(std::memory_order_relaxed),
          limit_,
          contents.value(),
          results.value(),
          hits.value(),
          waits.value(),
          misses.value(),
          evictions.value(),
          refused.value(),
          collisions.value()};
}

}  // namespace edgert
