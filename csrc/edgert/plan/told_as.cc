#include "edgert/plan/told_as.h"

namespace edgert {
namespace {

// Results of requests with equal content may reach pipelines that this plan's node doesn't know.
bool is_one_readers(const Execution& execution) {
  return execution.node->demanded_by.size() <= 1 && !execution.activation->root->content;
}

// A transform's operation, too: several of a step may have its name.
std::string as_step(const NodeSpec& spec) {
  const bool said = spec.kind != NodeKind::kTransform || spec.name == spec.op;
  return "step '" + spec.name + (said ? "'" : "' (" + spec.op + ")");
}

std::string as_shared(const PlanSpec& plan, const NodeSpec& spec) {
  if (spec.kind == NodeKind::kModel)
    return "model '" + plan.models[static_cast<std::size_t>(spec.model)].name + "'";
  const bool operation = spec.kind == NodeKind::kTransform;
  return operation ? "transform '" + spec.op + "'" : "a shared " + spec.op;
}

}  // namespace

std::string told_as(const Execution& execution) {
  const NodeSpec& spec = *execution.node->spec;
  return is_one_readers(execution) ? as_step(spec) : as_shared(plan_of(execution).spec, spec);
}

}  // namespace edgert
