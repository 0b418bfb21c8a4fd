#include "edgert/plan/pretence.h"

#include <algorithm>
#include <cmath>

#include "edgert/plan/most_rows.h"

namespace edgert {
namespace {

double given(const std::vector<double>& values, std::size_t index, double usual) {
  return index < values.size() && values[index] >= 0 ? values[index] : usual;
}

}  // namespace

Pretence::Pretence(const PlanSpec& plan, const PretenceSpec& spec)
    : owed_(plan.nodes.size()), random_(spec.seed, 2) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    open_.push_back(given(spec.open, i, 1));
    rows_.push_back(given(spec.rows, i, -1));
  }
  for (const ScopeSpec& scope : plan.scopes) {
    if (scope.each_node < 0) continue;
    const ValueRef from = plan.nodes[static_cast<std::size_t>(scope.each_node)].inputs[0];
    double& rows = rows_[static_cast<std::size_t>(from.node)];
    const std::uint32_t most = most_rows(plan, scope);
    rows = std::min(rows < 0 ? most : rows, static_cast<double>(most));
  }
}

bool Pretence::open(int gate) {
  const double share = open_[static_cast<std::size_t>(gate)];
  return share >= 1 || random_.uniform() < share;
}

std::int64_t Pretence::rows(int node) {
  double& owed = owed_[static_cast<std::size_t>(node)];
  owed += rows_[static_cast<std::size_t>(node)];
  const double whole = std::floor(owed + 1e-9);
  owed -= whole;
  return static_cast<std::int64_t>(whole);
}

}  // namespace edgert
