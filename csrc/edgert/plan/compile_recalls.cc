#include "edgert/plan/compile_recalls.h"

namespace edgert {
namespace {

constexpr std::uint32_t kKeptResults = 32, kKeptInputs = 4 * kMostRoots;

}  // namespace

Status make_recalls(Plan& plan) {
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (node.kind() != NodeKind::kRecall) continue;
      CompiledNode& target = plan.node_at(node.spec->of);
      node.recalls_of = target.local;
      target.recalls.push_back(node.local);
      target.kept_for_recalls += kKeptResults;
      for (const ValueRef& input : node.spec->inputs)
        plan.node_at(input.node).kept_for_recalls += kKeptInputs;
      if (!target.last) target.last = std::make_shared<LastResult>(target.spec->outputs.size());
      if (!target.flight) target.flight = std::make_unique<std::atomic<std::uint64_t>>(0);
      auto made = make_recall(*node.spec, scope, target);
      if (!made.ok()) return made.status().within("recall of '" + target.spec->name + "'");
      node.recall = std::move(made).value();
    }
  }
  return {};
}

}  // namespace edgert
