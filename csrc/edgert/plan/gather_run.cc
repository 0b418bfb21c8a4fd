#include <algorithm>
#include <cstring>

#include "edgert/plan/node_run.h"
#include "edgert/plan/told_as.h"

namespace edgert {
namespace {

// Whether `part` fits behind rows of the gathered `shape`.
bool same_rows(const Shape& part, const Shape& shape, bool stack) {
  const auto want = shape.dims().subspan(1);
  return std::ranges::equal(stack ? part.dims() : part.dims().subspan(1), want);
}

Status unequal_rows(const Execution& gather, const Shape& part) {
  return Status::invalid(told_as(gather),
                         "a row of shape " + part.text() + " differs from those before it",
                         "gather without stacking, or make the rows equal");
}

}  // namespace

Status run_gather(Execution& execution, Counter& copied) {
  CompiledNode& node = *execution.node;
  const InputLocation& inner = node.inputs[0];
  Execution& each = execution.activation->input(node.inputs[1]);
  const bool stack = node.spec->params.boolean("stack", true).value();
  const TensorSpec& spec = node.spec->outputs[0];
  std::int64_t rows = 0;
  Shape shape = spec.shape;
  for (Activation* child : each.children) {
    const Execution& from = child->at(inner.local);
    if (!from.status.ok()) return from.status;
    const Shape& part = from.outputs[static_cast<std::size_t>(inner.output)].shape();
    if (rows > 0 && !same_rows(part, shape, stack)) return unequal_rows(execution, part);
    rows += stack ? 1 : part[0];
    for (int axis = 1; axis < shape.rank(); ++axis) shape[axis] = part[stack ? axis - 1 : axis];
  }
  shape[0] = rows;
  for (int axis = 1; axis < shape.rank(); ++axis)
    shape[axis] = std::max<std::int64_t>(shape[axis], 0);
  BufferRef buffer = node.pools[0]->take();
  if (!buffer) return no_memory().within(told_as(execution));
  Tensor& output = execution.outputs[0] = Tensor(std::move(buffer), spec.dtype, shape);
  if (output.bytes() > node.pools[0]->buffer_size())
    return Status::internal(told_as(execution), "the rows exceed the announced size");
  std::byte* cursor = output.bytes_data();
  for (Activation* child : each.children) {
    const Tensor& part = child->at(inner.local).outputs[static_cast<std::size_t>(inner.output)];
    std::memcpy(cursor, part.bytes_data(), part.bytes());
    cursor += part.bytes();
  }
  copied.add(static_cast<std::int64_t>(output.bytes()));
  return {};
}

}  // namespace edgert
