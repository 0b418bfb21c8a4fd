// What the runtime does for frames that wait for another sensor's.
#include "edgert/runtime/runtime.h"

namespace edgert {

// Closed sensors that are done give nothing more: who would wait for them in a join needn't.
bool Runtime::drained() {
  bool all = true;
  for (std::size_t i = 0; i < sensors_.size(); ++i) {
    if (sensors_[i]->idle()) {
      tell_joins(i, true);
    } else {
      all = false;
    }
  }
  return all;
}

Status Runtime::rest(std::string_view name, bool resting) {
  EDGERT_ASSIGN_OR_RETURN(SensorPort * port, sensor(name));
  port->set_resting(resting);
  for (std::size_t i = 0; i < sensors_.size(); ++i)
    if (sensors_[i].get() == port) tell_joins(i, port->finished());
  return {};
}

// Of a sensor that ended or rests, or does no longer: those whose frames would wait for it, and
// those that are held back for its frames.
void Runtime::tell_joins(std::size_t sensor, bool ended) {
  const bool resting = sensors_[sensor]->resting();
  for (const CompiledNode* keep : plan_->keeps[sensor]) {
    keep->history->set_ended(ended);
    keep->history->set_resting(resting);
    executor_.meet(*keep->history);
  }
  for (const CompiledNode* join : plan_->joins[sensor]) {
    join->asks->set_gone(join->joiner, ended || resting);
    executor_.meet(*join->asks);
  }
}

void Runtime::room(int sensor) {
  sensors_[static_cast<std::size_t>(sensor)]->pump();
}

void Runtime::look_at(JoinHistory& history, Nanos when) {
  Expiry::Entry entry;
  entry.when = when;
  entry.history = &history;
  if (expiry_.add(entry)) return;
  history.no_timer();
  executor_.meet(history);
}

}  // namespace edgert
