#include "edgert/base/process_memory.h"

#include <atomic>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace edgert {
namespace {

// glibc's own initial value (DEFAULT_MMAP_THRESHOLD). Left alone, it grows with the largest block
// that was ever freed, up to 32 MiB: then weights lie between holes that model files left behind.
[[maybe_unused]] constexpr int kMapFrom = 128 * 1024;

std::atomic<bool> dedicated{false};

}  // namespace

void dedicate_process() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kMapFrom);
#endif
  // Relaxed: says how, publishes nothing.
  dedicated.store(true, std::memory_order_relaxed);
}

bool process_is_dedicated() {
  return dedicated.load(std::memory_order_relaxed);
}

}  // namespace edgert
