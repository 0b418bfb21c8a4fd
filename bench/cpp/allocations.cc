#include "allocations.h"

#include <atomic>
#include <cerrno>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {
std::atomic<long> count{0};
void tick() {
  count.fetch_add(1, std::memory_order_relaxed);
}
}  // namespace

long allocations() {
  return count.load(std::memory_order_relaxed);
}

extern "C" {
void* malloc(std::size_t size) {
  return tick(), __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
  return tick(), __libc_calloc(n, size);
}
void* realloc(void* old, std::size_t size) {
  return tick(), __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  return tick(), __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return tick(), __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  tick();
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}
}
