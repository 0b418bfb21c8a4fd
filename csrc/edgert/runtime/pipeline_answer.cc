#include "edgert/runtime/pipeline_answer.h"

#include <algorithm>

namespace edgert {
namespace {

void collect(ResultOutput& into, Activation& activation, const CompiledOutput& output,
             std::size_t depth, int& row) {
  if (output.gate_scope == activation.scope->index) {
    const Execution& gate = activation.at(output.gate_local);
    if (!gate.status.ok() || !gate.open) {
      if (into.status.ok()) into.status = gate.status.ok() ? Status::skipped() : gate.status;
      return;
    }
  }
  if (depth == output.path.size()) {
    Execution& execution = activation.at(output.local);
    if (execution.status.ok()) {
      into.age = std::max(into.age, activation.root->frame->media_time - execution.of_time);
      into.entries.push_back({row, execution.outputs[static_cast<std::size_t>(output.output)]});
    } else if (into.status.ok()) {
      into.status = execution.status;
    }
    return;
  }
  const CompiledScope& inner =
      plan_of(activation).scopes[static_cast<std::size_t>(output.path[depth])];
  Execution& each = activation.at(inner.each_local);
  if (!each.status.ok()) {
    if (into.status.ok()) into.status = each.status;
    return;
  }
  if (depth == 0) into.rows = each.outputs[0];
  for (Activation* child : each.children) {
    if (depth + 1 == output.path.size()) ++row;
    collect(into, *child, output, depth + 1, row);
  }
}

bool is_cached(const Answer& answer, Activation& root, const CompiledPipeline& pipeline) {
  bool any = false;
  for (std::size_t i = 0; i < answer.outputs.size(); ++i) {
    if (answer.outputs[i].entries.empty()) continue;
    any = true;
    const CompiledOutput& output = pipeline.outputs[i];
    if (!output.path.empty() || !came_from_cache(root.at(output.local))) return false;
  }
  return any;
}

}  // namespace

void fill_answer(Answer& answer, Activation& root, const CompiledPipeline& pipeline) {
  answer.outputs.resize(pipeline.outputs.size());
  for (std::size_t i = 0; i < pipeline.outputs.size(); ++i) {
    const CompiledOutput& output = pipeline.outputs[i];
    if (!answer.status.ok()) {
      answer.outputs[i].status = answer.status;
      continue;
    }
    int row = -1;
    collect(answer.outputs[i], root, output, 0, row);
  }
  answer.cached = root.content && is_cached(answer, root, pipeline);
}

}  // namespace edgert
