// Order::kMooreHodgson: by deadlines, but what would make more works late than it is worth is left
// out.
//
// Where all can be in time, the earliest deadline first is right; where they can't, it is late with
// one after the other. So who drew a work asks which of all that wait and run can be in time
// together (most_in_time.h), by what they are expected to take and by when the lanes are free. What
// is left out isn't begun. Works that wait beside it are judged when they are drawn.
//
// Thread rule: any thread; a work's place is used by who has the work. Progress: lock-free.
#pragma once

#include "edgert/sched/due_board.h"

namespace edgert {

class Triage {
 public:
  static constexpr int kNone = DueBoard::kNone;

  // A work that is about to be submitted, and needs so much of a lane by its deadline. Its place.
  int waits(Nanos due, Nanos need) { return board_.add({due, need, 0}); }
  // Of a work that was drawn at `time`, on so many lanes. Never where nobody else waits who could
  // be in time: then nothing is lost by trying.
  bool leaves_out(int place, Nanos due, Nanos need, int lanes, Nanos time) const;
  // It runs until `until`, and needs `rest` of a lane after that by `due` (kNever: by no time). A
  // work that had no place may get one.
  int runs(int place, Nanos due, Nanos rest, Nanos until);
  void ended(int place) {
    if (place != kNone) board_.remove(place);
  }

 private:
  DueBoard board_;
};

}  // namespace edgert
