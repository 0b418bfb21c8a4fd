// Device time shared between applications by their weights: start-time fair queueing (Goyal, Vin
// and Cheng, SIGCOMM 1996). Work gets a tag when it is submitted: the virtual time, or where its
// application's work so far ends in virtual time, whichever is later. What is drawn has the
// smallest tag, and the virtual time is the largest tag drawn.
//
// An application that submits a thousand times as much has tags a thousand times further ahead, so
// it can delay nobody by more than what is running; one that was idle gets no credit for it.
// Thread rule: any thread, any time. Progress: lock-free. All relaxed: tags order, they publish
// nothing.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "edgert/base/clock.h"

namespace edgert {

class FairShare {
 public:
  explicit FairShare(const std::vector<double>& weights) : accounts_(new Account[weights.size()]) {
    set_weights(weights);
  }
  // From now on; of the first ones, at most as many as there were.
  void set_weights(const std::vector<double>& weights) {
    double most = 1e-9;
    for (double weight : weights) most = std::max(most, weight);
    for (std::size_t i = 0; i < weights.size(); ++i)
      accounts_[i].pace.store(most / std::max(weights[i], most * 1e-9), std::memory_order_relaxed);
  }

  // The tag that the application's next work would get.
  std::int64_t tag(std::uint32_t application) const {
    return std::max(virtual_time_.load(std::memory_order_relaxed),
                    accounts_[application].finish.load(std::memory_order_relaxed));
  }
  // Takes a turn of `cost`; its tag.
  std::int64_t charge(std::uint32_t application, Nanos cost) {
    Account& account = accounts_[application];
    std::int64_t finish = account.finish.load(std::memory_order_relaxed), start = 0;
    do {
      start = std::max(finish, virtual_time_.load(std::memory_order_relaxed));
    } while (!account.finish.compare_exchange_weak(finish, start + stretched(account, cost),
                                                   std::memory_order_relaxed));
    return start;
  }
  // It took that much more than was charged, or less (negative).
  void correct(std::uint32_t application, Nanos difference) {
    Account& account = accounts_[application];
    const std::int64_t shift = stretched(account, difference);
    account.finish.fetch_add(shift, std::memory_order_relaxed);
    account.corrections.fetch_add(shift, std::memory_order_relaxed);
  }
  // All corrections so far: turns that still wait move by those that came after them.
  std::int64_t corrections(std::uint32_t application) const {
    return accounts_[application].corrections.load(std::memory_order_relaxed);
  }
  // A turn with this tag was drawn.
  void advance(std::int64_t tag) {
    std::int64_t current = virtual_time_.load(std::memory_order_relaxed);
    while (current < tag &&
           !virtual_time_.compare_exchange_weak(current, tag, std::memory_order_relaxed)) {
    }
  }
  std::int64_t virtual_time() const { return virtual_time_.load(std::memory_order_relaxed); }

 private:
  struct alignas(64) Account {
    std::atomic<std::int64_t> finish{0}, corrections{0};
    std::atomic<double> pace{1};  // virtual nanoseconds a nanosecond; 1 for the largest weight
  };
  static std::int64_t stretched(const Account& account, Nanos cost) {
    constexpr double kMost = 1e15;  // 11 days
    return static_cast<std::int64_t>(std::clamp(
        static_cast<double>(cost) * account.pace.load(std::memory_order_relaxed), -kMost, kMost));
  }

  std::unique_ptr<Account[]> accounts_;
  std::atomic<std::int64_t> virtual_time_{0};
};

}  // namespace edgert
