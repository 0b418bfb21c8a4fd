// Counts of what happened, since the start or in the last so many seconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "edgert/base/clock.h"

namespace edgert {

// Counts by cell. With a window, what is older than it is forgotten in steps of its sixtieth part.
// Times don't go back; advance() comes before add() of a new time. No allocation once made.
class Tally {
 public:
  static constexpr int kSteps = 60;

  Tally(std::size_t cells, Nanos window)
      : cells_(cells),
        step_(std::max<Nanos>(window / kSteps, 1)),
        totals_(cells),
        recent_(window > 0 ? cells * kSteps : 0) {}

  void advance(Nanos time) {
    if (recent_.empty()) return;
    const Nanos now = time / step_;
    if (!started_ || now < at_) at_ = now;
    started_ = true;
    for (Nanos passed = std::min<Nanos>(now - at_, kSteps); passed > 0; --passed) {
      const auto oldest = static_cast<std::size_t>((now - passed + 1) % kSteps) * cells_;
      for (std::size_t cell = 0; cell < cells_; ++cell) {
        totals_[cell] -= std::exchange(recent_[oldest + cell], 0);
      }
    }
    at_ = now;
  }
  void add(std::size_t cell) {
    ++totals_[cell];
    if (!recent_.empty()) ++recent_[static_cast<std::size_t>(at_ % kSteps) * cells_ + cell];
  }
  std::int64_t value(std::size_t cell) const { return totals_[cell]; }

 private:
  std::size_t cells_;
  Nanos step_;
  Nanos at_ = 0;  // the step that is being filled
  bool started_ = false;
  std::vector<std::int64_t> totals_;
  std::vector<std::int32_t> recent_;  // [step, cell]
};

// The classes that are counted apart, besides all together.
class CountedClasses {
 public:
  CountedClasses() = default;
  explicit CountedClasses(std::vector<std::int64_t> classes) : classes_(std::move(classes)) {}

  std::size_t groups() const { return classes_.size() + 1; }
  // -1 for the group of all.
  std::int64_t of(std::size_t group) const { return group == 0 ? -1 : classes_[group - 1]; }
  bool holds(std::size_t group, std::int64_t label) const {
    return group == 0 || of(group) == label;
  }

 private:
  std::vector<std::int64_t> classes_;
};

}  // namespace edgert
