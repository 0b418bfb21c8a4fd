#include "edgert/sched/most_in_time.h"

#include <algorithm>
#include <array>

namespace edgert {
namespace {

// Of equal deadlines the judged one, which was drawn first: results leave in order, so of frames
// that came together the last is to be left out.
bool is_due_before(const Contender& a, const Contender& b) {
  if (a.due != b.due) return a.due < b.due;
  return a.judged != b.judged ? a.judged : a.need < b.need;
}

// Of about equally long ones the last, which is due last: estimates of one model's works differ a
// little from draw to draw, and who is left out must not.
std::size_t longest(std::span<const Contender> taken) {
  Nanos most = 0;
  for (const Contender& one : taken) most = std::max(most, one.need);
  std::size_t found = taken.size() - 1;
  while (taken[found].need < most - most / 8) --found;
  return found;
}

// The lanes, filled by those that were taken up.
class Filled {
 public:
  explicit Filled(std::span<const Nanos> free_at) : count_(free_at.size()) {
    std::ranges::copy(free_at, lanes_.begin());
  }
  // On the lane that is free first. False: it ends too late.
  bool take(const Contender& one) {
    const auto first = std::min_element(lanes_.begin(), lanes_.begin() + count_);
    *first += one.need;
    return *first <= one.due;
  }

 private:
  std::size_t count_;
  std::array<Nanos, kMostJudgedLanes> lanes_{};
};

}  // namespace

bool left_out(std::span<Contender> contenders, std::span<const Nanos> free_at) {
  const std::size_t count = std::min(contenders.size(), kMostContenders);
  std::ranges::partial_sort(contenders, contenders.begin() + static_cast<std::ptrdiff_t>(count),
                            is_due_before);
  std::array<Contender, kMostContenders> taken;
  std::size_t size = 0;
  Filled filled(free_at);
  for (const Contender& next : contenders.first(count)) {
    taken[size++] = next;
    bool in_time = filled.take(next);
    while (!in_time) {
      const std::size_t out = longest(std::span(taken).first(size));
      if (taken[out].judged) return true;
      std::copy(taken.begin() + out + 1, taken.begin() + size, taken.begin() + out);
      --size;
      filled = Filled(free_at);
      in_time = true;
      for (std::size_t i = 0; i < size; ++i) in_time &= filled.take(taken[i]);
    }
  }
  return false;
}

}  // namespace edgert
