// Nodes that are answered with an earlier result: what recalls decide, and what they find.
#include "edgert/plan/executor.h"

namespace edgert {

// Its turn passes when it has asked, not when it is answered.
void Executor::recall(Execution& execution, Status status, Turn& turn) {
  if (execution.bypass) {
    pass(execution, turn);
    return finish(execution, std::move(status), turn);
  }
  Activation& root = *execution.activation;
  // Another thread may answer what waits at once: the activation must outlast the passing.
  hold(root);
  const Recall::Answer answer = status.ok() ? asked(execution) : Recall::Answer::kCompute;
  pass(execution, turn);
  if (answer != Recall::Answer::kWait) decide(execution, answer == Recall::Answer::kUse, turn);
  release(root, turn);
}

// What a scene looks like isn't known where data is pretended: it has changed in a share of frames.
Recall::Answer Executor::asked(Execution& execution) {
  const CompiledNode& node = *execution.node;
  Pretence* const pretence = plan_of(execution).pretence.get();
  if (!pretence || node.inputs.empty()) return node.recall->ask(execution);
  execution.of_time = execution.activation->root->frame->media_time;
  return pretence->open(node.global) ? Recall::Answer::kCompute : Recall::Answer::kUse;
}

void Executor::decide(Execution& recall, bool use, Turn& turn) {
  recall.open = !use;
  finish(recall, {}, turn);
}

// Of a node with recalls: its outcome, for later frames. Those that waited for it take it, or
// compute.
void Executor::keep_result(Execution& execution, Turn& turn) {
  const CompiledNode& node = *execution.node;
  const std::uint64_t number = execution.activation->number;
  const bool ok = execution.status.ok();
  if (ok && !execution.recalled)
    node.last->keep(number, [&](KeptOutputs& kept) {
      kept.outputs = execution.outputs;
      kept.time = execution.of_time;
    });
  for (std::uint32_t who = execution.attachments.close(number); who != Attachments::kNone;) {
    Execution& waiting = attached(*execution.activation->scope, who);
    who = waiting.attached_following;
    if (ok) {
      waiting.outputs = execution.outputs;
      waiting.of_time = execution.of_time;
    }
    decide(waiting, ok && waiting.node->recall->serves(waiting), turn);
  }
}

}  // namespace edgert
