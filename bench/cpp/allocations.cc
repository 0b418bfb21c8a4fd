#include "allocations.h"

#include <atomic>
#include <cerrno>

#include "wrap_malloc.inc"

namespace {
std::atomic<long> count{0};
void tick() {
  count.fetch_add(1, std::memory_order_relaxed);
}
}  // namespace

long allocations() {
  return count.load(std::memory_order_relaxed);
}
