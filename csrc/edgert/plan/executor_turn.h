// The turn of a thread: for the executor's own files.
#pragma once

#include "edgert/plan/executor.h"

namespace edgert {

// Makes a turn current on this thread, or joins the one that is: what becomes ready inside an
// event (a sensor that starts its next frame) is worked off by the loop further out.
class Executor::TurnScope {
 public:
  TurnScope(Executor& owner, Lane* lane, Nanos time = 0) : own_{&owner, lane, current_, time} {
    if (current_ && current_->owner == &owner) {
      turn_ = current_;
    } else {
      turn_ = current_ = &own_;
    }
  }
  ~TurnScope() {
    if (turn_ != &own_) return;
    own_.owner->drain(own_);
    current_ = own_.outer;
  }
  TurnScope(const TurnScope&) = delete;
  TurnScope& operator=(const TurnScope&) = delete;
  Turn& turn() { return *turn_; }

 private:
  static thread_local Turn* current_;
  Turn own_;
  Turn* turn_;
};

}  // namespace edgert
