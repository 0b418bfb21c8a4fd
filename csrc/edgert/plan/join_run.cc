// What a join computes: nothing, but where it interpolates.
#include "edgert/plan/node_run.h"

namespace edgert {

bool interpolates_much(const NodeSpec& join) {
  if (join.kind != NodeKind::kJoin) return false;
  const Result<std::string> by = join.params.text("by", "nearest");
  return by.ok() && by.value() == "interpolate" &&
         join.outputs[0].shape.elements() > kInterpolatedAtOnce;
}

Status run_join(Execution& execution) {
  const CompiledNode& node = *execution.node;
  JoinQuery& query = *execution.query;
  const Tensor before = std::move(query.before), after = std::move(query.after);
  query.before.reset();
  query.after.reset();
  if (before.shape() != after.shape())
    return Status::invalid(
        "join",
        "can't interpolate between " + before.shape().text() + " and " + after.shape().text(),
        "join what has one shape, or say by: nearest");
  BufferRef buffer = node.pools[0]->take();
  if (!buffer)
    return {Code::kExhausted, "join", "its buffers are all in use",
            "read results sooner or lower in_flight"};
  Tensor& output = execution.outputs[0] =
      Tensor(std::move(buffer), DType::kFloat32, before.shape());
  const auto* from = before.data<const float>();
  const auto* to = after.data<const float>();
  auto* out = output.data<float>();
  for (std::int64_t i = 0; i < output.elements(); ++i)
    out[i] = static_cast<float>(double{from[i]} + query.share * (double{to[i]} - double{from[i]}));
  return {};
}

}  // namespace edgert
