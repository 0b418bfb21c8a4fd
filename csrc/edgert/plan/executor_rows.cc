// What runs once a row: child activations, from their making to their return.
#include "edgert/plan/executor.h"
#include "edgert/plan/told_as.h"

namespace edgert {

Activation* Executor::make_child(Execution& each, const Tensor& rows, std::int64_t row) {
  CompiledScope& scope = plan_of(each).scopes[static_cast<std::size_t>(each.node->spec->inner)];
  Activation* child = scope.pool->take([&] { return std::make_unique<Activation>(scope, 0); });
  if (!child) return nullptr;
  child->parent = each.activation;
  child->root = each.activation->root;
  child->row = static_cast<int>(row);
  init(*child);
  if (rows) child->at(scope.entry).outputs[0] = rows.row(row);
  child->at(scope.entry).of_time = each.of_time;
  each.children.push_back(child);
  return child;
}

void Executor::spawn(Execution& each, Turn& turn) {
  const InputLocation& at = each.node->inputs[0];
  Execution& source = each.activation->input(at);
  const Tensor rows = source.outputs[static_cast<std::size_t>(at.output)];
  const bool timed = source.outputs.size() > 1 && source.node->spec->outputs[1].name == "times";
  each.outputs[0] = timed ? source.outputs[1] : rows;
  Pretence* const pretence = plan_of(each).pretence.get();
  const std::int64_t count = pretence ? pretence->rows(source.node->global) : rows.shape()[0];
  each.children.clear();
  Status status;
  for (std::int64_t row = 0; row < count && status.ok(); ++row)
    if (!make_child(each, rows, row))
      status = Status(Code::kExhausted, told_as(each), "too many rows at once",
                      "lower max_regions or in_flight");
  each.status = status;
  // One more than the rows, so that it ends after the last of them was started.
  each.children_left.store(static_cast<std::int32_t>(each.children.size()) + 1,
                           std::memory_order_relaxed);
  // The rows have their tickets now; the next frame's may get theirs.
  pass(each, turn);
  for (Activation* child : each.children) {
    drop_initial_tokens(*child, turn);
    release(*child, turn);
  }
  row_done(each, turn);
}

void Executor::row_done(Execution& each, Turn& turn) {
  if (each.children_left.fetch_sub(1, std::memory_order_acq_rel) == 1)
    finish(each, each.status, turn);
}

void Executor::recycle_rows(Execution& each) {
  for (Activation* child : each.children) {
    for (CompiledNode& node : child->scope->nodes) {
      Execution& execution = child->at(node.local);
      if (node.kind() == NodeKind::kEach && node.kept && execution.demanded)
        recycle_rows(execution);
      for (Tensor& output : execution.outputs) output.reset();
    }
    child->scope->pool->give(child);
  }
  each.children.clear();
}

}  // namespace edgert
