// Works of one group that are drawn together, best first: to run as one batch, or, where each is
// so short that drawing it costs as much as running it, one after another.
#pragma once

#include "edgert/sched/work.h"

namespace edgert {

struct Handful {
  Work* first = nullptr;  // linked by Work::next
  Work* last = nullptr;
  int count = 0;
  Nanos cost = 0;  // what they are expected to take, one after another

  void add(Work* work) {
    work->next = nullptr;
    (last ? last->next : first) = work;
    last = work;
    ++count;
    cost += work->cost;
  }
};

// Whether `next` is short, as all that was drawn, so that it may run behind it. What follows from
// the first waits for the last, so the sum stays short, too. Work of unknown cost runs alone.
inline bool joins_short(const Handful& drawn, const Work& next) {
  constexpr Nanos kShort = 20'000, kTogether = 50'000;
  constexpr int kMost = 32;
  return drawn.count < kMost && next.cost > 0 && next.cost <= kShort && drawn.last->cost > 0 &&
         drawn.last->cost <= kShort && drawn.cost + next.cost <= kTogether;
}

}  // namespace edgert
