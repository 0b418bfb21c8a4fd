// Frames of several sensors meet: what is kept of one, and what another's frame asks for.
#include <algorithm>
#include <cmath>

#include "edgert/plan/executor.h"
#include "edgert/plan/executor_turn.h"
#include "edgert/plan/node_run.h"

namespace edgert {
namespace {

const Status& without_answer(JoinAnswer answer) {
  static const Status missing(Code::kSkipped, "join",
                              "the other sensor gave nothing within the tolerance");
  static const Status late(Code::kSkipped, "join",
                           "the other sensor had not come to this time when the wait was over");
  static const Status absent(Code::kSkipped, "join",
                             "the other sensor ended, or gives no frames for now");
  static const Status forgotten(Code::kSkipped, "join",
                                "the other sensor is so far ahead that this is no longer kept");
  switch (answer) {
    case JoinAnswer::kLate:
      return late;
    case JoinAnswer::kAbsent:
      return absent;
    case JoinAnswer::kForgotten:
      return forgotten;
    default:
      return missing;
  }
}

void add_sample(JoinHistory& history, Nanos time, Nanos upto, const Tensor* value) {
  JoinSample* sample = history.blank();
  if (!sample) return history.lose();
  sample->time = time;
  sample->upto = upto;
  sample->empty = value == nullptr;
  if (value) sample->value = *value;
  history.add(sample);
}

// Rows of a table, each with its own time.
void add_rows(JoinHistory& history, const Tensor& rows, Nanos begin, Nanos end) {
  const std::int64_t count = rows.shape()[0];
  for (std::int64_t i = 0; i < count; ++i) {
    const Nanos time = count > 1 ? begin + (end - begin) * i / (count - 1) : begin;
    const Tensor row = rows.row(i);
    add_sample(history, time, time, &row);
  }
}

const FrameFormat& format_of(const Activation& root) {
  return plan_of(root).spec.sensors[static_cast<std::size_t>(root.scope->sensor)].format;
}

// Windows, each at its end.
void add_windows(const CompiledNode& node, Execution& each, Nanos shift) {
  const auto* times = each.outputs[0].data<const double>();
  for (std::size_t i = 0; i < each.children.size(); ++i) {
    const Execution& from = each.children[i]->at(node.inputs[0].local);
    const Nanos end = shift + std::llround(times[2 * i + 1] * 1e9);
    if (from.status.ok())
      add_sample(*node.history, end, end,
                 &from.outputs[static_cast<std::size_t>(node.inputs[0].output)]);
  }
}

}  // namespace

void Executor::keep(Execution& execution, Status status, Turn& turn) {
  const CompiledNode& node = *execution.node;
  JoinHistory& history = *node.history;
  Activation& root = *execution.activation;
  const Frame& frame = *root.frame;
  const Nanos begin = time_of(frame, history.clock());
  const Nanos end = time_at_end(frame, format_of(root), history.clock());
  const InputLocation& at = node.inputs[0];
  if (!status.ok() || plan_of(root).pretence) {
    static const Tensor nothing;
    add_sample(history, end, end, status.ok() ? &nothing : nullptr);
  } else if (node.spec->inner >= 0) {
    add_windows(node, execution.activation->input(node.inputs[1]), begin - frame.media_time);
    add_sample(history, end, end, nullptr);
  } else {
    const Tensor& value =
        execution.activation->input(at).outputs[static_cast<std::size_t>(at.output)];
    if (node.spec->params.has("rows"))
      add_rows(history, value, begin, end);
    else
      add_sample(history, end, end, &value);
  }
  hold(root);  // and with it the history
  finish(execution, std::move(status), turn);
  meet(history, turn);
  release(root, turn);
}

// Its turn passes when it has asked, not when it is answered: questions come in the order of
// frames.
void Executor::ask(Execution& execution, Status status, Turn& turn) {
  const CompiledNode& node = *execution.node;
  JoinHistory& history = *node.asks;
  Activation& root = *execution.activation;
  JoinQuery& query = *execution.query;
  query.owner = &execution;
  query.joiner = node.joiner;
  query.time = time_at_end(*root.frame, format_of(root), history.clock());
  query.answer = status.ok() ? JoinAnswer::kOpen : JoinAnswer::kPassed;
  execution.status = std::move(status);
  // Another thread may answer at once: the activation must outlast the passing of the turn, and the
  // meeting.
  hold(root);
  history.ask(&query);
  pass(execution, turn);
  meet(history, turn);
  release(root, turn);
}

void Executor::meet(JoinHistory& history) {
  TurnScope scope(*this, nullptr);
  meet(history, scope.turn());
}

void Executor::meet(JoinHistory& history, Turn& turn) {
  const JoinHistory::Settled settled = history.settle(clock_);
  for (JoinQuery* query = settled.answered; query;) {
    JoinQuery* following = query->next;
    answer(*query, turn);
    query = following;
  }
  if (settled.room) events_.room(history.sensor());
  if (settled.look_at != kNever) events_.look_at(history, settled.look_at);
}

void Executor::answer(JoinQuery& query, Turn& turn) {
  Execution& execution = *query.owner;
  (*execution.node->joined)[static_cast<std::size_t>(query.answer)].add();
  if (query.answer == JoinAnswer::kPassed)
    return finish(execution, std::move(execution.status), turn);
  if (query.answer != JoinAnswer::kMatched)
    return finish(execution, without_answer(query.answer), turn);
  const bool pretended = plan_of(execution).pretence != nullptr;
  if (pretended ? !interpolates_much(*execution.node->spec) : !query.after) {
    execution.outputs[0] = std::move(query.before);
    return finish(execution, {}, turn);
  }
  if (!pretended && query.before.elements() <= kInterpolatedAtOnce)
    return finish(execution, run_join(execution), turn);
  execution.ready = clock_.now();
  execution.cause = turn.cause;
  queues_of(execution).submit(site_of(execution).group, &execution);
}

}  // namespace edgert
