#include "edgert/lease/lease_pool.h"

#include "edgert/memory/pool.h"

namespace edgert {

// Kept alive by the pool and by each buffer that is out.
struct LeasePool::Core {
  struct Slot : Buffer {
    Slot(Core* of, std::byte* data, std::size_t size)
        : Buffer(data, size, {}, &give_back, kBufferSlack), core(of) {}
    static void give_back(Buffer* buffer) noexcept {
      auto* slot = static_cast<Slot*>(buffer);
      Core* owner = slot->core;
      // Relaxed: retire() comes before the releases that it is about, on the same thread.
      if (!owner->retired.load(std::memory_order_relaxed)) {
        owner->segment->end_generation(slot->pool_index);
        owner->slots.give(slot);
      }
      owner->release();
    }
    Core* core;
    std::uint32_t pool_index = 0;
    bool reserved = false;
  };

  explicit Core(std::shared_ptr<Segment> memory)
      : segment(std::move(memory)), slots(segment->slots()) {}
  void release() noexcept {
    if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  std::shared_ptr<Segment> segment;
  ObjectPool<Slot> slots;
  std::atomic<bool> retired{false};
  std::atomic<std::int64_t> users{1};
};

Result<std::unique_ptr<LeasePool>> LeasePool::create(std::size_t slot_bytes, std::uint32_t slots) {
  EDGERT_ASSIGN_OR_RETURN(auto segment, Segment::create(slot_bytes, slots));
  return std::unique_ptr<LeasePool>(new LeasePool(new Core(std::move(segment))));
}

LeasePool::~LeasePool() {
  core_->release();
}

void LeasePool::retire() {
  core_->retired.store(true, std::memory_order_relaxed);
}

Segment& LeasePool::segment() const {
  return *core_->segment;
}

BufferRef LeasePool::take(std::size_t bytes) {
  Core* core = core_;
  if (core->retired.load(std::memory_order_relaxed)) return {};
  const std::size_t size = core->segment->slot_bytes() - kBufferSlack;
  if (bytes > size) return {};
  Core::Slot* slot = core->slots.take([core, size](std::uint32_t index) {
    return std::make_unique<Core::Slot>(core, core->segment->slot(index), size);
  });
  if (!slot) return {};
  if (!slot->reserved) slot->reserved = core->segment->reserve(slot->pool_index);
  if (!slot->reserved) {
    core->slots.give(slot);
    return {};
  }
  // Relaxed: the pool itself holds one, so the count cannot reach zero meanwhile.
  core->users.fetch_add(1, std::memory_order_relaxed);
  slot->revive();
  return BufferRef::adopt(slot);
}

}  // namespace edgert
