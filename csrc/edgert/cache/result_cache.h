// What was computed of equal contents, kept for those who ask the same later, and given to those
// who ask while it is being computed.
//
// retain() makes a content of a frame's bytes: a keyed hash finds one that is there, its bytes
// decide whether it is the same. A content is kept, and charged, once, as long as a request or a
// result holds it. Results hang off their content by the node's identity and by the spaces in which
// they may be seen: those of all who had it computed. Who asks for several at once finds what is in
// all of them, and nothing that is in some alone: whom that is for would tell that others asked.
// Once computed again, it is one result, in the spaces of both.
//
// Who finds nothing computes it (it leads); who asks meanwhile waits for it, and is handed out by
// the leader's complete(), whatever became of it. A leader that nobody needs any more calls
// give_up(), which says no while somebody waits who does.
//
// All memory is charged before it is allocated and until it is freed, and never exceeds the limit.
// Room is made by Greedy-Dual-Size with frequency (Cao and Irani, USITS 1997; Cherkasova,
// HPL-98-69): a result's rank is a floor, plus its uses times its cost of computing per byte; the
// lowest goes, and its rank becomes the floor. What is in use is never freed: it is passed over.
//
// Thread rule: everything from any thread. Sharded by content; a shard's lock is held for some tens
// of nanoseconds, never while memory is copied, compared, allocated for results or freed. It blocks
// who needs the same shard, so there is no progress guarantee beyond the lock's own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "edgert/base/clock.h"
#include "edgert/cache/frame_bytes.h"
#include "edgert/memory/tensor.h"
#include "edgert/metrics/snapshot.h"

namespace edgert {

struct CachedResult;  // result_store.h

// Who asks for a result. It stays where it is while it leads or waits.
struct Seeker {
  Nanos needed_until = kNever;  // of who waits: later, nobody reads what it gets
  Seeker* next = nullptr;       // of the list that complete() returns
  // What the run took: set by who leads before complete(), for who gets its outputs.
  Nanos took = 0;

  // The cache's own:
  std::span<Tensor> outputs;  // of who waits
  Buffer* content = nullptr;
  std::atomic<CachedResult*> result{nullptr};  // that it leads; changed with its shard's lock
  Seeker* waiting = nullptr;                   // those who wait for it, the newest first
};

enum class Found : std::uint8_t {
  kHit,   // here it is
  kWait,  // somebody computes it: a complete() returns the seeker
  kLead,  // nobody does: the seeker must compute it, and call complete()
};

class ResultCache {
 public:
  using Hash = std::function<Hash128(const Frame&, const FrameForm&)>;
  // Told of the one that leads, which has not completed: briefly, its shard's lock is held.
  using Waits = std::function<void(Seeker& lead)>;

  explicit ResultCache(std::size_t limit);
  ResultCache(std::size_t limit, Hash hash);  // for tests: another way to find contents
  ~ResultCache();                             // what it gave out stays good
  ResultCache(const ResultCache&) = delete;
  ResultCache& operator=(const ResultCache&) = delete;

  // The frame's content; null: it can't be kept (not mapped, no room, a collision).
  BufferRef retain(const Frame& frame);

  // What `node` gives of a content that retain() gave, which the caller holds, for those of
  // `spaces` (sorted, each once) together. `outputs` are set by a hit, or before complete() returns
  // the seeker; they are as many for the same node. `cost` is set by a hit. `waits` is called when
  // the seeker waits.
  Found find(Buffer& content, const Hash128& node, std::span<const std::uint32_t> spaces,
             Seeker& seeker, std::span<Tensor> outputs, Nanos& cost, const Waits& waits = {});
  Found find(Buffer& content, const Hash128& node, std::uint32_t space, Seeker& seeker,
             std::span<Tensor> outputs, Nanos& cost) {
    return find(content, node, {&space, 1}, seeker, outputs, cost);
  }

  // The leader has the outputs, which took `cost` to compute, or it has none. Without `keep` nobody
  // gets them later. Returns all who wait, the first one first; they have the outputs, too.
  Seeker* complete(Seeker& lead, bool keep, std::span<const Tensor> outputs, Nanos cost);

  // The leader needs it no more. False: others do. True: who asks from now on computes it itself;
  // those who wait still are handed out by complete().
  bool give_up(Seeker& lead, Nanos time);

  CacheSnapshot counts() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace edgert
