// The builder's joins: what is kept of one sensor's stream, and asked for by another's frames.
#include <algorithm>
#include <cmath>

#include "edgert/plan/builder.h"
#include "edgert/plan/builder_names.h"

namespace edgert {
namespace {

constexpr double kLiveSpare = 100, kPatience = 10'000;  // ms
constexpr double kMostMs = 1e9;

Status check_options(const JoinOptions& options, const std::string& where) {
  const auto one_of = [](const std::string& word, std::initializer_list<const char*> known) {
    return std::ranges::any_of(known, [&](const char* name) { return word == name; });
  };
  if (!one_of(options.by, {"nearest", "latest", "interpolate"}))
    return Status::invalid(where, "by " + quoted(options.by) + " is unknown",
                           "use nearest, latest or interpolate");
  if (!one_of(options.clock, {"capture", "media"}))
    return Status::invalid(where, "clock " + quoted(options.clock) + " is unknown",
                           "use capture or media");
  if (!options.tolerance_ms && options.by != "latest")
    return Status::invalid(where, "needs a tolerance", "say how far apart in time the two may be");
  if (options.tolerance_ms && !(*options.tolerance_ms > 0 && *options.tolerance_ms <= kMostMs))
    return Status::invalid(where, "its tolerance must be above 0", "say how far apart they may be");
  if (options.wait_ms && !(*options.wait_ms >= 0 && *options.wait_ms <= kMostMs))
    return Status::invalid(where, "its wait must be at least 0");
  return {};
}

}  // namespace

// The each-node of the windows that `scope` is run for, or -1: only windows have times of their
// own.
int PlanBuilder::windows_of(int scope) const {
  const ScopeSpec& inner = plan_.scopes[static_cast<std::size_t>(scope)];
  if (inner.parent < 0 || plan_.scopes[static_cast<std::size_t>(inner.parent)].parent >= 0)
    return -1;
  const NodeSpec& source = node(node(inner.each_node).inputs[0].node);
  return source.outputs.size() > 1 && source.outputs[1].name == "times" ? inner.each_node : -1;
}

Result<ValueRef> PlanBuilder::keep(ValueRef value, const JoinOptions& options) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* spec, tensor_spec(value));
  const NodeSpec& of = node(value.node);
  const std::string where = "join of " + quoted(of.name);
  NodeSpec keep;
  keep.kind = NodeKind::kKeep;
  keep.op = "keep";
  keep.name = "keep " + of.name;
  keep.inputs = {value};
  keep.scope = of.scope;
  keep.outputs = {*spec};
  keep.params.set("clock", options.clock);
  if (const ScopeSpec& scope = plan_.scopes[static_cast<std::size_t>(of.scope)];
      scope.parent >= 0) {
    const int each = windows_of(of.scope);
    if (each < 0)
      return Status::invalid(where,
                             "is given once a region, and none of them has a time of its own",
                             "gather the regions' results first");
    keep.inputs.push_back({each, 0});
    keep.inner = of.scope;
    keep.scope = scope.parent;
  } else if (options.rows) {
    if (spec->shape.rank() < 1 || spec->bytes() == 0) return Status::invalid(where, "has no rows");
    keep.params.set("rows", true);
    keep.outputs[0] = {spec->name, spec->dtype, Shape(spec->shape.dims().subspan(1)), 0};
  }
  if (options.under) {
    EDGERT_RETURN_IF_ERROR(check(*options.under));
    const NodeSpec& gate = node(options.under->node);
    if (gate.kind != NodeKind::kGate || !scope_within(of.scope, gate.scope))
      return Status::invalid(where, "has no condition that it could wait for");
    keep.gate = options.under->node;
  }
  return intern(std::move(keep));
}

Result<ValueRef> PlanBuilder::join(ValueRef frame, ValueRef value, const JoinOptions& options,
                                   const std::string& name) {
  EDGERT_RETURN_IF_ERROR(check(frame));
  EDGERT_RETURN_IF_ERROR(check(value));
  const std::string where = "join of " + quoted(node(value.node).name);
  if (node(frame.node).kind != NodeKind::kSource)
    return Status::invalid(where, "needs the frame that asks", "give it a sensor's own value");
  const auto sensor_of = [this](ValueRef of) {
    return plan_.scopes[static_cast<std::size_t>(node(of.node).scope)].sensor;
  };
  if (sensor_of(frame) == sensor_of(value))
    return Status::invalid(where, "is of the same sensor", "read it as it is, without a join");
  EDGERT_RETURN_IF_ERROR(check_options(options, where));
  EDGERT_ASSIGN_OR_RETURN(const ValueRef kept, keep(value, options));
  NodeSpec join;
  join.kind = NodeKind::kJoin;
  join.op = "join";
  join.name = name.empty() ? "join " + node(value.node).name : name;
  join.inputs = {frame, kept};
  join.scope = node(frame.node).scope;
  join.outputs = node(kept.node).outputs;
  const TensorSpec& spec = join.outputs[0];
  if (options.by == "interpolate" && (spec.dtype != DType::kFloat32 || spec.bytes() == 0))
    return Status::invalid(where, "can't interpolate " + spec.text(),
                           "interpolate float32 of a bounded size, or say by: nearest");
  const double spare =
      options.clock == "media" ? kPatience : options.tolerance_ms.value_or(0) + kLiveSpare;
  join.params.set("by", options.by);
  if (options.tolerance_ms) join.params.set("tolerance_ms", *options.tolerance_ms);
  join.params.set("wait_ms", options.wait_ms.value_or(spare));
  return intern(std::move(join));
}

}  // namespace edgert
