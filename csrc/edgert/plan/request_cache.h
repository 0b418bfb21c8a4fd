// Which nodes' outputs may be kept for later requests of equal content, and how an execution asks
// for them. The cache itself is cache/result_cache.h.
//
// A node may be asked for when what it gives follows from the frame's content alone: it runs in the
// root scope and it, and all that it reads, keep no state and look at no other time or sensor.
#pragma once

#include "edgert/cache/result_cache.h"
#include "edgert/plan/spec.h"

namespace edgert {

struct Execution;
struct Plan;

struct CacheSeeker : Seeker {
  explicit CacheSeeker(Execution* of) : execution(of) {}
  Execution* execution;
};

// What the cache said of an execution.
enum class CacheUse : std::uint8_t { kNone, kHit, kWait, kLead };

// Where an application's results are seen: by itself, by all that say so, by nobody. What several
// want of one frame, of whom one keeps its results to itself, is in the spaces of all of them.
inline constexpr std::uint32_t kNoSpace = 0, kCommonSpace = 1;
inline constexpr std::uint32_t kUndecided = 0xffffffff, kSeveralSpaces = 0xfffffffe;
inline std::uint32_t space_of(CacheShare share, int application) {
  if (share == CacheShare::kOff) return kNoSpace;
  return share == CacheShare::kOthers ? kCommonSpace : 2 + static_cast<std::uint32_t>(application);
}

// Of what two pipelines want: where both may see it.
inline std::uint32_t common_space(std::uint32_t a, std::uint32_t b) {
  if (a == kUndecided || a == b) return b;
  return a == kNoSpace || b == kNoSpace ? kNoSpace : kSeveralSpaces;
}

// Finds those nodes on sensors that have a cache. After compile_demands and make_sequencers.
void compile_request_cache(Plan& plan);

}  // namespace edgert
