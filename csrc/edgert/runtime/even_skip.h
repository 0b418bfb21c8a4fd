// Which frames a pipeline passes over while it is overloaded: evenly spread ones, so that what is
// left comes at a steady pace. Missed bounds lower the share that is taken, quiet raises it again.
//
// Thread rule: take() by one thread at a time (the sensor's pump); the others from any.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace edgert {

// Takes a share of what comes, evenly spread.
class EvenPick {
 public:
  bool take(double share) {
    due_ += share;
    if (due_ < 1) return false;
    due_ -= 1;
    return true;
  }

 private:
  double due_ = 0;
};

class EvenSkip {
 public:
  // A result was late, or a frame found no place.
  void trouble() { troubles_.fetch_add(1, std::memory_order_relaxed); }

  // Whether the next frame is taken.
  bool take() {
    if (++decided_ == kWindow) adapt();
    return pick_.take(share());
  }

  // Of the frames that are due, how many are taken: kLeast to 1.
  double share() const { return share_.load(std::memory_order_relaxed); }

 private:
  static constexpr int kWindow = 8;  // frames between two decisions
  static constexpr double kLeast = 1.0 / 32, kFall = 0.75, kRise = 0.02;

  // Down by a part, up by a step: several overloaded pipelines come to equal shares.
  void adapt() {
    decided_ = 0;
    const std::int64_t troubles = troubles_.load(std::memory_order_relaxed);
    const double next = troubles != seen_ ? share() * kFall : share() + kRise;
    share_.store(std::clamp(next, kLeast, 1.0), std::memory_order_relaxed);
    seen_ = troubles;
  }

  std::atomic<std::int64_t> troubles_{0};
  std::atomic<double> share_{1};  // written by the pump alone
  EvenPick pick_;
  std::int64_t seen_ = 0;
  int decided_ = 0;
};

}  // namespace edgert
