#include "edgert/memory/buffer.h"

#include <cstdlib>
#include <new>

namespace edgert {
namespace {

struct HeapBuffer : Buffer {
  HeapBuffer(void* data, std::size_t size)
      : Buffer(data, size, {}, &HeapBuffer::free, kBufferSlack) {}
  static void free(Buffer* buffer) noexcept {
    std::free(buffer->data());
    delete static_cast<HeapBuffer*>(buffer);
  }
};

struct WrappedBuffer : Buffer {
  WrappedBuffer(void* data, std::size_t size, DeviceId device, void* owner,
                void (*release_of_owner)(void*) noexcept)
      : Buffer(data, size, device, &WrappedBuffer::drop),
        context(owner),
        release_owner(release_of_owner) {}
  static void drop(Buffer* buffer) noexcept {
    auto* self = static_cast<WrappedBuffer*>(buffer);
    self->release_owner(self->context);
    delete self;
  }
  void* context;
  void (*release_owner)(void*) noexcept;
};

}  // namespace

void* allocate_aligned(std::size_t size) {
  const std::size_t wanted = size + kBufferSlack + kBufferAlignment - 1;
  return std::aligned_alloc(kBufferAlignment, wanted / kBufferAlignment * kBufferAlignment);
}

BufferRef allocate_buffer(std::size_t size) {
  void* data = allocate_aligned(size);
  if (!data) return {};
  return BufferRef::adopt(new HeapBuffer(data, size));
}

BufferRef wrap_buffer(void* data, std::size_t size, DeviceId device, void* context,
                      void (*release)(void*) noexcept) {
  return BufferRef::adopt(new WrappedBuffer(data, size, device, context, release));
}

}  // namespace edgert
