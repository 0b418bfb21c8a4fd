#include "edgert/plan/node_run.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "edgert/plan/batch_run.h"

namespace edgert {
namespace {

constexpr std::size_t kMostInputs = 32;

Status no_memory(const CompiledNode& node) {
  return {Code::kExhausted, "node '" + node.spec->name + "'",
          "its buffers are all in use or memory is short",
          "read results sooner or lower in_flight"};
}

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
      return Status::internal("node '" + node.spec->name + "'",
                              "an output of shape " + shape.text() + " exceeds its announced size");
    BufferRef buffer = pool.take();
    if (!buffer) return no_memory(node);
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

void carry_state(Execution& execution, const CompiledNode& node) {
  for (std::size_t i = 0; i < node.state.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    if (feed.kind == ModelInput::Kind::kState)
      execution.node->state[i] = execution.outputs[static_cast<std::size_t>(feed.state_output)];
  }
}

void forget_state(CompiledNode& node) {
  for (Tensor& state : node.state) {
    if (!state) continue;
    state = allocate_tensor(state.dtype(), state.shape());  // after a gap only
    std::memset(state.bytes_data(), 0, state.bytes());
  }
}

// Gaps of the stream, as this node sees it: the sensor's, and what came too late for all pipelines
// that want it. (The least of their counts grows whenever all of them miss a frame.)
std::uint64_t gaps_before(const Execution& execution) {
  const Activation& root = *execution.activation->root;
  std::uint64_t late = UINT64_MAX;
  for (int slot : execution.node->demanded_by)
    late = std::min(late, root.pipelines[static_cast<std::size_t>(slot)].gaps);
  return root.gaps + (late == UINT64_MAX ? 0 : late);
}

// Whether frames were lost since the node last ran, wherever the gap was: the frame after it may
// have had no rows, or the node may not have been wanted then.
bool starts_after_gap(Execution& execution) {
  CompiledNode& node = *execution.node;
  const std::uint64_t gaps = gaps_before(execution);
  const bool lost_one = std::exchange(node.lost_one, false);
  return std::exchange(node.gaps_seen, gaps) != gaps || lost_one;
}

Status start_afresh(CompiledNode& node) {
  if (node.carries_over_gaps) return {};
  forget_state(node);
  return node.session ? node.session->reset() : Status();
}

}  // namespace

void note_loss(Execution& execution, const Status& why) {
  if (!execution.node->sequencer || why.code() == Code::kSkipped) return;
  // A picture stands for itself: one that is missing leaves no hole in a stream.
  if (execution.activation->root->frame->kind != FrameKind::kImage) execution.node->lost_one = true;
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

namespace {

void feed_inputs(Execution& execution, std::span<Tensor> inputs) {
  CompiledNode& node = *execution.node;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    switch (feed.kind) {
      case ModelInput::Kind::kValue: {
        const InputLocation& at = node.inputs[static_cast<std::size_t>(feed.value)];
        inputs[i] = execution.activation->input(at).outputs[static_cast<std::size_t>(at.output)];
        break;
      }
      case ModelInput::Kind::kConstant:
        inputs[i] = node.constants[i];
        break;
      case ModelInput::Kind::kState:
        inputs[i] = node.state[i];
        break;
    }
  }
}

// Memory for what has a place in a pool; the rest is the engine's to set.
Status take_outputs(Execution& execution) {
  const CompiledNode& node = *execution.node;
  for (std::size_t i = 0; i < execution.outputs.size(); ++i) {
    execution.outputs[i].reset();
    if (!node.pools[i]) continue;
    const TensorSpec& spec = node.spec->outputs[i];
    BufferRef buffer = node.pools[i]->take();
    if (!buffer) return no_memory(node);
    execution.outputs[i] = Tensor(std::move(buffer), spec.dtype, spec.shape);
  }
  return {};
}

Session* session_of(const CompiledNode& node, int instance) {
  if (node.session) return node.session.get();
  const auto& sessions = node.model->sessions;
  return sessions.empty() ? nullptr : sessions[static_cast<std::size_t>(instance)].get();
}

// What a device that computes nothing gives; extents that a run would tell are 1.
void fill_with_zeros(Execution& execution) {
  for (std::size_t i = 0; i < execution.outputs.size(); ++i) {
    Tensor& output = execution.outputs[i];
    const TensorSpec& spec = execution.node->spec->outputs[i];
    Shape shape = spec.shape;
    for (int axis = 0; axis < shape.rank(); ++axis)
      shape[axis] = std::max<std::int64_t>(shape[axis], 1);
    if (!output) output = allocate_tensor(spec.dtype, shape);
    std::memset(output.bytes_data(), 0, output.bytes());
  }
}

}  // namespace

Status run_model(Execution& execution, int instance) {
  CompiledNode& node = *execution.node;
  if (node.model->batching && node.model->batching->fixed() > 0) {
    Execution* one = &execution;
    return run_batch({&one, 1}, instance);
  }
  if (node.sequencer && starts_after_gap(execution)) EDGERT_RETURN_IF_ERROR(start_afresh(node));
  std::array<Tensor, kMostInputs> inputs;
  const std::size_t count = node.spec->model_inputs.size();
  feed_inputs(execution, {inputs.data(), count});
  EDGERT_RETURN_IF_ERROR(take_outputs(execution));
  Status status = session_of(node, instance)->run({inputs.data(), count}, execution.outputs);
  if (status.ok() && node.sequencer) carry_state(execution, node);
  return status;
}

Status prepare_model(Execution& execution, int instance, StreamRun& into) {
  CompiledNode& node = *execution.node;
  if (node.sequencer && starts_after_gap(execution)) EDGERT_RETURN_IF_ERROR(start_afresh(node));
  into.session = session_of(node, instance);
  EDGERT_RETURN_IF_ERROR(take_outputs(execution));
  if (!into.session) {
    fill_with_zeros(execution);
    return {};
  }
  into.inputs.resize(node.spec->model_inputs.size());
  feed_inputs(execution, into.inputs);
  into.outputs.assign(execution.outputs.begin(), execution.outputs.end());
  return {};
}

void finish_model(Execution& execution, StreamRun& run) {
  CompiledNode& node = *execution.node;
  if (run.session) std::ranges::move(run.outputs, execution.outputs.begin());
  run.inputs.clear();
  run.outputs.clear();
  if (execution.status.ok() && node.sequencer) carry_state(execution, node);
}

namespace {

// Whether `part` fits behind rows of the gathered `shape`.
bool same_rows(const Shape& part, const Shape& shape, bool stack) {
  const auto want = shape.dims().subspan(1);
  return std::ranges::equal(stack ? part.dims() : part.dims().subspan(1), want);
}

Status unequal_rows(const CompiledNode& node, const Shape& part) {
  return Status::invalid("node '" + node.spec->name + "'",
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
    if (rows > 0 && !same_rows(part, shape, stack)) return unequal_rows(node, part);
    rows += stack ? 1 : part[0];
    for (int axis = 1; axis < shape.rank(); ++axis) shape[axis] = part[stack ? axis - 1 : axis];
  }
  shape[0] = rows;
  for (int axis = 1; axis < shape.rank(); ++axis)
    shape[axis] = std::max<std::int64_t>(shape[axis], 0);
  BufferRef buffer = node.pools[0]->take();
  if (!buffer) return no_memory(node);
  Tensor& output = execution.outputs[0] = Tensor(std::move(buffer), spec.dtype, shape);
  if (output.bytes() > node.pools[0]->buffer_size())
    return Status::internal("node '" + node.spec->name + "'", "the rows exceed the announced size");
  std::byte* cursor = output.bytes_data();
  for (Activation* child : each.children) {
    const Tensor& part = child->at(inner.local).outputs[static_cast<std::size_t>(inner.output)];
    std::memcpy(cursor, part.bytes_data(), part.bytes());
    cursor += part.bytes();
  }
  copied.add(static_cast<std::int64_t>(output.bytes()));
  return {};
}

namespace {

struct Threshold {
  bool has_above, has_below;
  double above, below;
  bool passes(double value) const {
    return (!has_above || value > above) && (!has_below || value < below);
  }
};

double value_at(const Tensor& tensor, std::int64_t index) {
  return tensor.dtype() == DType::kUInt8 ? tensor.data<std::uint8_t>()[index]
                                         : static_cast<double>(tensor.data<float>()[index]);
}

// Rows are along the first axis when there are several; `index` counts within a row.
bool reduced(const Tensor& tensor, std::int64_t index, std::string_view reduce,
             const Threshold& threshold) {
  const std::int64_t elements = tensor.elements();
  const std::int64_t rows = tensor.shape().rank() > 1 ? tensor.shape()[0] : 1;
  if (elements <= 0 || rows <= 0) return false;
  const std::int64_t width = elements / rows;
  if (index >= width) return false;
  bool any = false, all = true;
  for (std::int64_t row = 0; row < rows; ++row) {
    const bool passes = threshold.passes(value_at(tensor, row * width + index));
    if (row == 0 && reduce == "first") return passes;
    any |= passes;
    all &= passes;
  }
  return reduce == "all" ? all : any;
}

}  // namespace

Status run_gate(Execution& execution) {
  CompiledNode& node = *execution.node;
  const Params& params = node.spec->params;
  const InputLocation& at = node.inputs[0];
  const Tensor& tensor =
      execution.activation->input(at).outputs[static_cast<std::size_t>(at.output)];
  const Threshold threshold{params.has("above"), params.has("below"),
                            params.real("above", 0).value(), params.real("below", 0).value()};
  const auto* reduce = std::get_if<std::string>(params.find("reduce"));
  execution.open = reduced(tensor, params.integer("index", 0).value(), *reduce, threshold);
  if (node.hold <= 0) return {};
  const Nanos time = execution.activation->root->frame->media_time;
  if (execution.open) node.open_until = time + node.hold;
  execution.open = execution.open || time < node.open_until;
  return {};
}

// Holding is in the share.
Status pretend_gate(Execution& execution, Pretence& pretence) {
  execution.open = pretence.open(execution.node->global);
  return {};
}

}  // namespace edgert
