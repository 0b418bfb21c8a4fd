#include "edgert/plan/node_run.h"

#include <array>

#include "edgert/plan/stream_gaps.h"

namespace edgert {
namespace {

class Context : public RunContext {
 public:
  Context(Execution& execution, Lane& lane) : execution_(execution), lane_(lane) {}

  Status allocate(int index, const Shape& shape) override {
    const CompiledNode& node = *execution_.node;
    const auto i = static_cast<std::size_t>(index);
    const DType dtype = node.spec->outputs[i].dtype;
    const std::int64_t elements = shape.elements();
    BufferPool& pool = *node.pools[i];
    if (elements < 0 || static_cast<std::size_t>(elements) * dtype_size(dtype) > pool.buffer_size())
      return Status::internal("outputs",
                              "an output of shape " + shape.text() + " exceeds its announced size");
    BufferRef buffer = pool.take();
    if (!buffer) return no_memory();
    execution_.outputs[i] = Tensor(std::move(buffer), dtype, shape);
    return {};
  }
  Tensor& output(int index) override { return execution_.outputs[static_cast<std::size_t>(index)]; }
  bool wanted(int index) const override {
    // Later frames may want what nobody wants of this one.
    return index >= 32 || (execution_.wanted_outputs >> index & 1u) != 0 ||
           !execution_.node->recalls.empty();
  }
  std::byte* scratch(std::size_t bytes) override { return lane_.scratch(bytes); }

 private:
  Execution& execution_;
  Lane& lane_;
};

Input input_of(Activation& activation, const InputLocation& location) {
  Execution& source = activation.input(location);
  if (source.node->kind() == NodeKind::kSource) return {activation.root->frame.get(), nullptr};
  return {nullptr, &source.outputs[static_cast<std::size_t>(location.output)]};
}

}  // namespace

Status no_memory() {
  return {Code::kExhausted, "outputs", "their buffers are all in use or memory is short",
          "read results sooner or lower in_flight"};
}

Status run_transform(Execution& execution, Lane& lane) {
  CompiledNode& node = *execution.node;
  std::array<Input, kMostInputs> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    inputs[i] = input_of(*execution.activation, node.inputs[i]);
  if (node.sequencer && starts_after_gap(execution)) node.transform->reset();
  Context context(execution, lane);
  return node.transform->run({inputs.data(), node.inputs.size()}, context);
}

}  // namespace edgert
