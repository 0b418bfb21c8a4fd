// A buffer is an address, a size, a device and an owner, counted by reference.
//
// Thread rule: retain and release may be called from any thread. The last release calls the
// owner's `dispose` on the releasing thread, which must neither block nor take the GIL: pools take
// the block back, foreign owners are handed to a release list.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace edgert {

// A device is a value; its resources live in the device registry.
enum class DeviceKind : std::uint8_t { kCpu, kCuda, kTpu, kSim };

struct DeviceId {
  DeviceKind kind = DeviceKind::kCpu;
  std::uint8_t index = 0;
  friend bool operator==(DeviceId, DeviceId) = default;
};

class Buffer {
 public:
  using Dispose = void (*)(Buffer*) noexcept;

  Buffer(void* data, std::size_t size, DeviceId device, Dispose dispose, std::size_t slack = 0)
      : data_(data), size_(size), slack_(slack), device_(device), dispose_(dispose) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::byte* data() const { return static_cast<std::byte*>(data_); }
  std::size_t size() const { return size_; }
  // Bytes behind size() that may be read, and mean nothing.
  std::size_t slack() const { return slack_; }
  DeviceId device() const { return device_; }

  void retain() {
    // Relaxed: whoever retains already holds a reference, so nothing is published by this.
    references_.fetch_add(1, std::memory_order_relaxed);
  }
  // For who finds it without holding it: false when the last reference is gone, and it is about to
  // be disposed of. It must not be freed meanwhile.
  bool try_retain() {
    std::int32_t held = references_.load(std::memory_order_relaxed);
    while (held > 0)
      // Relaxed: who finds it was told of it by other means, as in retain().
      if (references_.compare_exchange_weak(held, held + 1, std::memory_order_relaxed)) return true;
    return false;
  }
  void release() noexcept {
    // Release: this holder's accesses come before the disposal. Acquire: the disposer sees them.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose_(this);
  }
  // For a pool that hands a disposed block out again; nobody else holds it then.
  void revive() { references_.store(1, std::memory_order_relaxed); }
  bool unique() const { return references_.load(std::memory_order_acquire) == 1; }

 protected:
  ~Buffer() = default;

 private:
  void* data_;
  std::size_t size_, slack_;
  DeviceId device_;
  std::atomic<std::int32_t> references_{1};
  Dispose dispose_;
};

// A counted reference to anything with retain() and release().
template <class T>
class Ref {
 public:
  Ref() = default;
  static Ref adopt(T* object) { return Ref(object); }  // takes over one reference
  static Ref share(T* object) {
    if (object) object->retain();
    return Ref(object);
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_) object_->retain();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { reset(); }

  void reset() noexcept {
    if (T* object = std::exchange(object_, nullptr)) object->release();
  }
  T* detach() { return std::exchange(object_, nullptr); }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit Ref(T* object) : object_(object) {}
  T* object_ = nullptr;
};

using BufferRef = Ref<Buffer>;

inline constexpr std::size_t kBufferAlignment = 64;  // a cache line, and any SIMD width in use

// What edgert's own buffers have as slack: vector code of engines reads past the end (XNNPACK
// documents 16 bytes).
inline constexpr std::size_t kBufferSlack = 16;

// A buffer of its own from the heap, aligned to kBufferAlignment, with kBufferSlack. Never on the
// frame path. Null when memory is short.
BufferRef allocate_buffer(std::size_t size);

// Memory of at least size + kBufferSlack bytes, aligned to kBufferAlignment; null when short.
void* allocate_aligned(std::size_t size);

// Wraps memory that somebody else owns. `release(context)` runs once, when the last reference
// goes, on whatever thread that is: it must not block.
BufferRef wrap_buffer(void* data, std::size_t size, DeviceId device, void* context,
                      void (*release)(void*) noexcept);

}  // namespace edgert
