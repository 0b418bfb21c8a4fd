// What the runtime does for frames that wait for another sensor's.
#include <algorithm>

#include "edgert/runtime/runtime.h"

namespace edgert {

// Closed sensors that are done give nothing more: who would wait for them in a join needn't.
bool Runtime::drained() {
  bool all = true;
  Generation& at_hand = hold_at_hand();
  for (std::size_t i = 0; i < at_hand.sensors.size(); ++i) {
    if (at_hand.sensors[i]->idle()) {
      tell_joins(at_hand, i, true);
    } else {
      all = false;
    }
  }
  left(at_hand);
  const std::lock_guard locked(at_hand_);
  return all && std::ranges::all_of(earlier_, [](const auto& generation) {
           return generation->under_way.load(std::memory_order_acquire) == 0;
         });
}

Generation& Runtime::hold_at_hand() {
  const std::lock_guard locked(at_hand_);
  current_->hold();
  return *current_;
}

Status Runtime::rest(std::string_view name, bool resting) {
  EDGERT_ASSIGN_OR_RETURN(const auto port, shared_sensor(name));
  port->set_resting(resting);
  Generation& at_hand = hold_at_hand();
  for (std::size_t i = 0; i < at_hand.sensors.size(); ++i)
    if (at_hand.sensors[i] == port) tell_joins(at_hand, i, port->finished());
  left(at_hand);
  return {};
}

// Of a sensor that ended or rests, or does no longer: those whose frames would wait for it, and
// those that are held back for its frames.
void Runtime::tell_joins(const Generation& generation, std::size_t sensor, bool ended) {
  const bool resting = generation.sensors[sensor]->resting();
  for (const CompiledNode* keep : generation.plan->keeps[sensor]) {
    keep->history->set_ended(ended);
    keep->history->set_resting(resting);
    executor_.meet(*keep->history);
  }
  for (const CompiledNode* join : generation.plan->joins[sensor]) {
    join->asks->set_gone(join->joiner, ended || resting);
    executor_.meet(*join->asks);
  }
}

// The plan of who tells it has the sensor still.
void Runtime::room(int sensor_number) {
  sensors_by_number_[static_cast<std::size_t>(sensor_number)]
      .load(std::memory_order_acquire)
      ->pump();
}

void Runtime::look_at(JoinHistory& history, Nanos when) {
  Expiry::Entry entry;
  entry.when = when;
  entry.history = &history;
  history.timers.fetch_add(1, std::memory_order_relaxed);
  if (expiry_.add(entry)) return;
  history.timers.fetch_sub(1, std::memory_order_release);
  history.no_timer();
  executor_.meet(history);
}

}  // namespace edgert
