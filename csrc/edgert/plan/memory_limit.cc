#include "edgert/plan/memory_limit.h"

#include <set>
#include <utility>

namespace edgert {
namespace {

void add_models(const PlanSpec& plan, int node, std::set<int>& seen, std::set<int>& models) {
  if (node < 0 || !seen.insert(node).second) return;
  const NodeSpec& of = plan.nodes[static_cast<std::size_t>(node)];
  if (of.kind == NodeKind::kModel) models.insert(of.model);
  for (const ValueRef& input : of.inputs) add_models(plan, input.node, seen, models);
}

// As documents write sizes: "300 B", "18.5 MB".
std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  const bool small = bytes < 1'000'000;
  const std::uint64_t tenths = (bytes + (small ? 50 : 50'000)) / (small ? 100 : 100'000);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + (small ? " kB" : " MB");
}

}  // namespace

Status check_memory_limit(const PlanSpec& plan, const ApplicationSpec& application) {
  if (application.memory_limit == 0) return {};
  std::set<int> seen, models;
  for (const PipelineSpec& pipeline : plan.pipelines) {
    if (pipeline.application != application.name) continue;
    for (const OutputSpec& output : pipeline.outputs) {
      add_models(plan, output.value.node, seen, models);
      add_models(plan, output.gate, seen, models);
    }
  }
  std::uint64_t used = 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> contents;  // equal weights are there once
  for (int model : models) {
    const ModelSpec& spec = plan.models[static_cast<std::size_t>(model)];
    if (!contents.emplace(spec.content.high, spec.content.low).second) continue;
    const std::uint64_t left = application.memory_limit - used;
    if (spec.bytes > left)
      return {Code::kExhausted, "application '" + application.name + "'",
              "model '" + spec.name + "' needs " + bytes_text(spec.bytes) + ", and of its " +
                  bytes_text(application.memory_limit) + ", " + bytes_text(left) + " is left",
              "raise memory_limit, or use a smaller model"};
    used += spec.bytes;
  }
  return {};
}

}  // namespace edgert
