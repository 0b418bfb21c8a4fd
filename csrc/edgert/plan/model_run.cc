#include <algorithm>
#include <array>
#include <cstring>

#include "edgert/plan/batch_run.h"
#include "edgert/plan/node_run.h"
#include "edgert/plan/stream_gaps.h"

namespace edgert {
namespace {

void carry_state(Execution& execution, const CompiledNode& node) {
  for (std::size_t i = 0; i < node.memory->state.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    if (feed.kind == ModelInput::Kind::kState)
      execution.node->memory->state[i] =
          execution.outputs[static_cast<std::size_t>(feed.state_output)];
  }
}

void forget_state(CompiledNode& node) {
  for (Tensor& state : node.memory->state) {
    if (!state) continue;
    state = allocate_tensor(state.dtype(), state.shape());  // after a gap only
    std::memset(state.bytes_data(), 0, state.bytes());
  }
}

Status start_afresh(CompiledNode& node) {
  if (node.carries_over_gaps) return {};
  forget_state(node);
  return node.session ? node.session->reset() : Status();
}

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
        inputs[i] = node.memory->state[i];
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
    if (!buffer) return no_memory();
    execution.outputs[i] = Tensor(std::move(buffer), spec.dtype, spec.shape);
  }
  return {};
}

Session* session_of(const Execution& execution, int instance) {
  if (execution.node->session) return execution.node->session.get();
  return site_of(execution).model->sessions[static_cast<std::size_t>(instance)].get();
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
  const Batching* batching = site_of(execution).model->batching.get();
  if (batching && batching->fixed() > 0) {
    Execution* one = &execution;
    return run_batch({&one, 1}, instance);
  }
  if (node.sequencer && starts_after_gap(execution)) EDGERT_RETURN_IF_ERROR(start_afresh(node));
  std::array<Tensor, kMostInputs> inputs;
  const std::size_t count = node.spec->model_inputs.size();
  feed_inputs(execution, {inputs.data(), count});
  EDGERT_RETURN_IF_ERROR(take_outputs(execution));
  Status status = session_of(execution, instance)->run({inputs.data(), count}, execution.outputs);
  if (status.ok() && node.sequencer) carry_state(execution, node);
  return status;
}

Status prepare_model(Execution& execution, StreamRun& into) {
  CompiledNode& node = *execution.node;
  if (node.sequencer && starts_after_gap(execution)) EDGERT_RETURN_IF_ERROR(start_afresh(node));
  into.work = site_of(execution).model->work.get();
  EDGERT_RETURN_IF_ERROR(take_outputs(execution));
  if (!into.work) {
    fill_with_zeros(execution);
    return {};
  }
  const std::size_t before = into.inputs.size();
  into.inputs.resize(before + node.spec->model_inputs.size());
  feed_inputs(execution, std::span(into.inputs).subspan(before));
  into.outputs.insert(into.outputs.end(), execution.outputs.begin(), execution.outputs.end());
  return {};
}

void finish_model(Execution& execution, StreamRun& run, std::size_t place) {
  CompiledNode& node = *execution.node;
  std::vector<Tensor>& outputs = execution.outputs;
  if (run.work)
    std::ranges::move(std::span(run.outputs).subspan(place * outputs.size(), outputs.size()),
                      outputs.begin());
  if (execution.status.ok() && node.sequencer) carry_state(execution, node);
}

}  // namespace edgert
