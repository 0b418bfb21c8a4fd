#include "edgert/plan/compile_joins.h"

#include <algorithm>
#include <map>

#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

constexpr std::size_t kMostBytes = 64 << 20;             // that one history keeps, about
constexpr std::size_t kFewest = 8, kMostSamples = 1024;  // samples

// Samples that one frame can give.
std::size_t samples_of(const Plan& plan, const NodeSpec& keep) {
  const NodeSpec& value = node_of(plan.spec, keep.inputs[0].node);
  const auto rows_in = [&](const ValueRef& ref) {
    const TensorSpec& rows =
        node_of(plan.spec, ref.node).outputs[static_cast<std::size_t>(ref.output)];
    const Shape row(rows.shape.dims().subspan(1));
    const auto elements = static_cast<std::size_t>(std::max<std::int64_t>(1, row.elements()));
    return std::max<std::size_t>(1, rows.bytes() / (elements * dtype_size(rows.dtype)));
  };
  if (keep.inner >= 0) return rows_in(node_of(plan.spec, keep.inputs[1].node).inputs[0]);
  return keep.params.has("rows") && !value.outputs.empty() ? rows_in(keep.inputs[0]) : 1;
}

Result<std::shared_ptr<JoinHistory>> make_history(const Plan& plan, const NodeSpec& keep) {
  EDGERT_ASSIGN_OR_RETURN(const std::string clock, keep.params.text("clock", "capture"));
  const std::size_t bytes = std::max<std::size_t>(1, keep.outputs[0].bytes());
  const std::size_t most = std::clamp(kMostBytes / bytes, kFewest, kMostSamples);
  const int sensor = scope_of(plan.spec, keep.scope).sensor;
  const int number = plan.sensor_numbers[static_cast<std::size_t>(sensor)];
  const int in_flight = plan.spec.sensors[static_cast<std::size_t>(sensor)].in_flight;
  return std::make_shared<JoinHistory>(
      number, clock == "media" ? JoinClock::kMedia : JoinClock::kCapture, most,
      static_cast<std::size_t>(in_flight) * samples_of(plan, keep));
}

Result<JoinRule> read_rule(const Params& params) {
  JoinRule rule;
  EDGERT_ASSIGN_OR_RETURN(const std::string by, params.text("by", "nearest"));
  rule.by = by == "latest"        ? JoinBy::kLatest
            : by == "interpolate" ? JoinBy::kInterpolate
                                  : JoinBy::kNearest;
  EDGERT_ASSIGN_OR_RETURN(const double wait, params.real("wait_ms", 0));
  EDGERT_ASSIGN_OR_RETURN(const double tolerance, params.real("tolerance_ms", 0));
  rule.wait = static_cast<Nanos>(wait * kMillisecond);
  if (params.has("tolerance_ms")) rule.tolerance = static_cast<Nanos>(tolerance * kMillisecond);
  return rule;
}

}  // namespace

Status make_histories(Plan& plan) {
  plan.keeps.resize(plan.spec.sensors.size());
  plan.joins.resize(plan.spec.sensors.size());
  std::map<const JoinHistory*, int> carried;  // and how many of those who ask there were found
  for (std::size_t i = 0; i < plan.spec.nodes.size(); ++i) {
    CompiledNode& node = plan.node_at(static_cast<int>(i));
    const auto sensor =
        static_cast<std::size_t>(plan.scopes[static_cast<std::size_t>(node.spec->scope)].sensor);
    if (node.kind() == NodeKind::kKeep) {
      if (node.history) {
        carried[node.history.get()] = 0;
      } else {
        EDGERT_ASSIGN_OR_RETURN(node.history, make_history(plan, *node.spec));
      }
      plan.keeps[sensor].push_back(&node);
    } else if (node.kind() == NodeKind::kJoin) {
      EDGERT_ASSIGN_OR_RETURN(const JoinRule rule, read_rule(node.spec->params));
      node.asks = plan.node_at(node.spec->inputs[1].node).history.get();
      const auto known = carried.find(node.asks);
      node.joiner = known != carried.end()
                        ? known->second++
                        : node.asks->add_joiner(rule, plan.sensor_numbers[sensor]);
      if (!node.joined) node.joined = std::make_shared<JoinMetrics>();
      node.instances = 1;
      plan.joins[sensor].push_back(&node);
    }
  }
  return {};
}

}  // namespace edgert
