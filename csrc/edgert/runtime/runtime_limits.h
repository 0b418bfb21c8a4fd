// How much may come to a runtime by deploys, and what of a plan its parts are made for.
#pragma once

#include <algorithm>
#include <vector>

#include "edgert/plan/compiled.h"
#include "edgert/sched/ranker.h"

namespace edgert {

inline constexpr std::size_t kMostApplications = 1024;
inline constexpr int kMostSensors = 4096;  // that ever were
inline constexpr std::uint32_t kMostGroups = 4096;
inline constexpr int kMostAside = 16;  // lanes for nodes that wait outside the core; mostly asleep

inline std::vector<ApplicationShare> shares_of(const PlanSpec& plan) {
  std::vector<ApplicationShare> shares;
  for (const ApplicationSpec& application : plan.applications)
    shares.push_back({application.weight, application.priority});
  return shares;
}

inline int lanes_aside(const Plan& plan) {
  int nodes = 0;
  for (const CompiledScope& scope : plan.scopes)
    for (const CompiledNode& node : scope.nodes) nodes += node.aside;
  return std::min(nodes, kMostAside);
}

}  // namespace edgert
