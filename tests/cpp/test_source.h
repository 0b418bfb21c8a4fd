// A source of one's own, as a program or a shared library has it: `count` gray pictures of 8×4 in
// memory of its own, whose owners are counted.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "edgert/source/source.h"

namespace edgert::testing {

struct Block {
  std::array<std::uint8_t, 32> pixels{};
};

class TestSource : public Source {
 public:
  inline static std::atomic<int> blocks{0};  // that frames keep alive

  TestSource(std::int64_t count, bool fails) : count_(count), fails_(fails) {}

  Status open() override {
    if (fails_) return Status::unavailable("test source", "is unplugged", "plug it in");
    return {};
  }

  Result<bool> next(Frame& frame) override {
    // Without an end it waits, as a camera does.
    while (count_ < 0 && made_ > 0 && !interrupted_.load())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (interrupted_.load() || made_ == count_) return false;
    auto* block = new Block;
    ++blocks;
    block->pixels.fill(static_cast<std::uint8_t>(made_));
    frame.kind = FrameKind::kImage;
    frame.image = {PixelFormat::kGray8, 8, 4};
    frame.plane_count = 1;
    frame.planes[0] = {block->pixels.data(), 8, 8, 4};
    frame.owner = wrap_buffer(block->pixels.data(), 32, {}, block, [](void* held) noexcept {
      delete static_cast<Block*>(held);
      --blocks;
    });
    frame.media_time = made_ * kSecond;
    ++made_;
    return true;
  }

  void interrupt() noexcept override { interrupted_.store(true); }

 private:
  std::int64_t count_, made_ = 0;
  bool fails_;
  std::atomic<bool> interrupted_{false};
};

inline Result<std::unique_ptr<Source>> make_test_source(const Params& params) {
  EDGERT_RETURN_IF_ERROR(params.only({"count", "fails"}));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t count, params.integer("count", 3));
  EDGERT_ASSIGN_OR_RETURN(const bool fails, params.boolean("fails", false));
  return std::unique_ptr<Source>(std::make_unique<TestSource>(count, fails));
}

}  // namespace edgert::testing
