#include "edgert/memory/frame_pool.h"

#include "edgert/memory/pool.h"

namespace edgert {

struct FramePool::Core {
  struct Place : Frame {
    explicit Place(Core* of) : Frame(&give_back), core(of) {}
    static void give_back(Frame* frame) noexcept {
      auto* place = static_cast<Place*>(frame);
      place->owner.reset();
      place->samples.reset();
      place->content.reset();
      Core* owner_core = place->core;
      owner_core->places.give(place);
      owner_core->release();
    }
    Core* core;
    std::uint32_t pool_index = 0;
  };

  explicit Core(std::uint32_t limit) : places(limit) {}
  void release() noexcept {
    if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  ObjectPool<Place> places;
  std::atomic<std::int64_t> users{1};
};

FramePool::FramePool(std::uint32_t limit) : core_(new Core(limit)) {}
FramePool::~FramePool() {
  core_->release();
}

FrameRef FramePool::take() {
  Core::Place* place = core_->places.take([this] { return std::make_unique<Core::Place>(core_); });
  if (!place) return {};
  core_->users.fetch_add(1, std::memory_order_relaxed);  // the pool itself holds one
  place->revive();
  place->plane_count = 0;
  place->gap_before = false;
  place->last = false;
  place->dmabuf = {};
  place->capture = place->arrival = place->media_time = place->decode = 0;
  return FrameRef::adopt(place);
}

}  // namespace edgert
