// What the cache keeps and where: for its own files.
#pragma once

#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/cache/result_cache.h"

namespace edgert {

class ResultStore;

// A frame's bytes. Those who know it hold it; the store finds it while they do.
struct Content final : Buffer {
  Content(std::shared_ptr<ResultStore> owner, const Hash128& of, const FrameForm& formed,
          void* data);
  static void drop(Buffer* buffer) noexcept;

  std::shared_ptr<ResultStore> store;
  Hash128 hash;
  FrameForm form;
  std::vector<std::unique_ptr<CachedResult>> results;  // by its shard's lock
};

// Copies of a node's outputs, one behind the other.
struct Kept final : Buffer {
  Kept(std::shared_ptr<ResultStore> owner, void* data, std::size_t size);
  static void drop(Buffer* buffer) noexcept;
  std::shared_ptr<ResultStore> store;
};

struct CachedResult {
  struct Output {
    bool there = false;  // nobody wanted it else
    std::size_t offset = 0;
    Shape shape;
    DType dtype = DType::kFloat32;
  };
  Hash128 node;
  std::vector<std::uint32_t> spaces;  // sorted
  BufferRef content;
  Seeker* lead = nullptr;  // who computes it; null: it is there
  BufferRef memory;
  std::vector<Output> outputs;
  Nanos cost = 0;  // of all that it needed
  Nanos took = 0;  // of its own run
  double uses = 1, rank = 0;
};

// The tables and the memory.
//
// A shard's queue holds each result that is there once, with a rank that may have grown since.
class ResultStore : public std::enable_shared_from_this<ResultStore> {
 public:
  struct Ranked {
    double rank;
    CachedResult* result;
  };
  struct alignas(64) Shard {
    std::mutex lock;
    std::unordered_map<Hash128, Content*> contents;
    std::vector<Ranked> queue;             // a heap, the lowest rank first
    std::atomic<double> lowest{kNothing};  // not above the lowest rank of what may go
  };
  static constexpr std::size_t kShards = 16;
  static constexpr double kNothing = std::numeric_limits<double>::infinity();
  static constexpr std::size_t kOverhead = 512;  // of a content or a result, beside its bytes

  ResultStore(std::size_t limit, ResultCache::Hash hash)
      : limit_(static_cast<std::int64_t>(limit)), hash_(std::move(hash)) {}

  Shard& shard_of(const Content& content) { return shards_[content.hash.low % kShards]; }
  Shard& shard_of(const Hash128& hash) { return shards_[hash.low % kShards]; }
  Hash128 hash(const Frame& frame, const FrameForm& form) const { return hash_(frame, form); }

  // Charges so many bytes and kOverhead, and lets go what must for that. False: there is no room.
  bool reserve(std::size_t bytes);
  void give_back(std::size_t bytes);

  // With the shard's lock: a result that is there gets its rank, by what it costs and what it
  // takes.
  void rank(Shard& shard, CachedResult& result, bool is_new);
  // With the shard's lock: takes it out of its content.
  static std::unique_ptr<CachedResult> take(CachedResult& result);
  void clear();  // nobody leads any more, or ever completes

  CacheSnapshot counts() const;
  Counter contents, results, hits, waits, misses, evictions, refused, collisions;

 private:
  bool evict();
  std::unique_ptr<CachedResult> take_lowest(Shard& shard, double others);
  CachedResult* lowest_of(Shard& shard);
  double lowest_but(const Shard* shard) const;
  void raise_floor(double rank);

  std::int64_t limit_;
  ResultCache::Hash hash_;
  std::array<Shard, kShards> shards_;
  std::atomic<std::int64_t> used_{0};
  std::atomic<double> floor_{0};
};

struct ResultCache::Core : ResultStore {
  using ResultStore::ResultStore;
};

}  // namespace edgert
