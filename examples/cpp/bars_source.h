// A source of one's own: gray bars that move, at a rate. What a driver's source does is the same:
// wrap the memory that was filled, and keep its owner.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "edgert/source/source.h"

class BarsSource : public edgert::Source {
 public:
  BarsSource(int width, int height, int count) : width_(width), height_(height), count_(count) {}

  edgert::Status open() override { return {}; }

  edgert::Result<bool> next(edgert::Frame& frame) override {
    if (interrupted_.load() || made_ == count_) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(33));  // a camera would be waited for
    auto* pixels = new std::vector<std::uint8_t>(static_cast<std::size_t>(width_) * height_);
    for (std::size_t i = 0; i < pixels->size(); ++i)
      (*pixels)[i] = (i + made_) % 64 < 32 ? 235 : 16;
    frame.kind = edgert::FrameKind::kImage;
    frame.image = {edgert::PixelFormat::kGray8, width_, height_};
    frame.plane_count = 1;
    frame.planes[0] = {pixels->data(), width_, width_, height_};
    frame.owner = edgert::wrap_buffer(
        pixels->data(), pixels->size(), {}, pixels,
        [](void* held) noexcept { delete static_cast<std::vector<std::uint8_t>*>(held); });
    frame.media_time = made_++ * edgert::kSecond / 30;
    return true;
  }

  void interrupt() noexcept override { interrupted_.store(true); }

 private:
  int width_, height_, count_;
  int made_ = 0;
  std::atomic<bool> interrupted_{false};
};
