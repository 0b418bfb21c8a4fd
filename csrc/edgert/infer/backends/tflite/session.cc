#include "edgert/infer/backends/tflite/session.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "edgert/infer/backends/tflite/model_io.h"

namespace edgert::tfl {
namespace {

Status wrong_shape(const TensorSpec& spec, const Shape& engine, const Shape& given) {
  return Status::invalid("output '" + spec.name + "'",
                         "the run gives " + engine.text() + ", not " + given.text());
}

}  // namespace

Result<std::unique_ptr<Session>> TfliteSession::make(
    std::shared_ptr<TfliteModel> model, std::unique_ptr<OwnedInterpreter> interpreter) {
  std::unique_ptr<TfliteSession> made(new TfliteSession(std::move(model)));
  EDGERT_RETURN_IF_ERROR(made->adopt(std::move(interpreter)));
  return std::unique_ptr<Session>(std::move(made));
}

Status TfliteSession::adopt(std::unique_ptr<OwnedInterpreter> interpreter) {
  inputs_.clear();
  outputs_.clear();
  input_shapes_.clear();
  interpreter_ = std::move(interpreter);
  Interpreter* handle = interpreter_->get();
  std::vector<int> input_indexes;
  for (int i = 0; i < static_cast<int>(model_->io().inputs.size()); ++i) {
    const EngineTensor* tensor = engine_.TfLiteInterpreterGetInputTensor(handle, i);
    input_indexes.push_back(
        engine_.can_bind() ? engine_.TfLiteInterpreterGetInputTensorIndex(handle, i) : -1);
    inputs_.emplace_back(engine_, handle, tensor, input_indexes.back());
    EDGERT_ASSIGN_OR_RETURN(Shape shape, shape_of(engine_, tensor));
    input_shapes_.push_back(shape);
  }
  for (int i = 0; i < static_cast<int>(model_->io().outputs.size()); ++i) {
    int index = engine_.can_bind() ? engine_.TfLiteInterpreterGetOutputTensorIndex(handle, i) : -1;
    // An output that is also an input has one address, the input's.
    if (std::ranges::find(input_indexes, index) != input_indexes.end()) index = -1;
    outputs_.emplace_back(engine_, handle, engine_.TfLiteInterpreterGetOutputTensor(handle, i),
                          index);
  }
  return allocate();
}

Status TfliteSession::allocate() {
  prepared_ = false;
  for (Slot& slot : inputs_) slot.announce();
  for (Slot& slot : outputs_) slot.announce();
  interpreter_->log().take("");  // a refused binding is no failure
  if (engine_.TfLiteInterpreterAllocateTensors(interpreter_->get()) != kOk)
    return Status::engine(model_->path(),
                          interpreter_->log().take("the engine could not prepare the graph"));
  prepared_ = true;
  return {};
}

Status TfliteSession::run(std::span<const Tensor> inputs, std::span<Tensor> outputs) {
  const ModelIo& io = model_->io();
  EDGERT_RETURN_IF_ERROR(check_cpu_run(io, inputs, outputs));
  EDGERT_RETURN_IF_ERROR(prepare_for(inputs));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    EDGERT_RETURN_IF_ERROR(bind_input(inputs_[i], inputs[i]));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    EDGERT_RETURN_IF_ERROR(bind_output(outputs_[i], io.outputs[i], outputs[i]));
  if (engine_.TfLiteInterpreterInvoke(interpreter_->get()) != kOk)
    return Status::engine(model_->path(), interpreter_->log().take("the run failed"));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    EDGERT_RETURN_IF_ERROR(finish_output(outputs_[i], io.outputs[i], outputs[i]));
  return {};
}

Status TfliteSession::prepare_for(std::span<const Tensor> inputs) {
  bool same = prepared_;
  for (std::size_t i = 0; same && i < inputs.size(); ++i)
    same = inputs[i].shape() == input_shapes_[i];
  return same ? Status{} : resize(inputs);
}

// Costs what preparing the graph costs: shapes should change seldom.
Status TfliteSession::resize(std::span<const Tensor> inputs) {
  prepared_ = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = inputs[i].shape();
    std::array<int, Shape::kMaxRank> dims{};
    for (int axis = 0; axis < shape.rank(); ++axis)
      dims[static_cast<std::size_t>(axis)] = static_cast<int>(shape[axis]);
    if (engine_.TfLiteInterpreterResizeInputTensor(interpreter_->get(), static_cast<int>(i),
                                                   dims.data(), shape.rank()) != kOk)
      return Status::engine(model_->path(), interpreter_->log().take("it can't be resized"));
    input_shapes_[i] = shape;
  }
  return allocate();
}

Status TfliteSession::bind_input(Slot& slot, const Tensor& input) {
  if (Slot::suits(input, true) && slot.bind(input.bytes_data(), input.bytes())) return {};
  if (slot.bindable() && !slot.bind_own()) return no_memory("an input");
  copy(slot.data(), input.bytes_data(), input.bytes());
  return {};
}

Status TfliteSession::bind_output(Slot& slot, const TensorSpec& spec, Tensor& output) {
  if (!slot.bindable()) return {};  // copied when it has run
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, shape_of(engine_, slot.tensor()));
  if (!output) {
    output = allocate_tensor(spec.dtype, shape);
    if (!output) return no_memory(spec.name);
  }
  if (output.shape() != shape) return wrong_shape(spec, shape, output.shape());
  if (Slot::suits(output, false) && slot.bind(output.bytes_data(), output.bytes())) return {};
  return slot.bind_own() ? Status{} : no_memory(spec.name);
}

Status TfliteSession::finish_output(const Slot& slot, const TensorSpec& spec, Tensor& output) {
  if (output && slot.data() == output.bytes_data()) return {};
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, shape_of(engine_, slot.tensor()));
  if (!output) output = allocate_tensor(spec.dtype, shape);
  if (!output) return no_memory(spec.name);
  if (output.shape() != shape) return wrong_shape(spec, shape, output.shape());
  copy(output.bytes_data(), slot.data(), output.bytes());
  return {};
}

Status TfliteSession::no_memory(const std::string& what) const {
  return {Code::kExhausted, model_->path(), "no memory for " + what};
}

void TfliteSession::copy(void* to, const void* from, std::size_t bytes) {
  if (bytes) std::memcpy(to, from, bytes);
  copied_ += bytes;
}

// The engine resets variable tensors but not resource variables; those go with the interpreter.
Status TfliteSession::reset() {
  if (!model_->facts().has_resources && engine_.TfLiteInterpreterResetVariableTensors) {
    if (engine_.TfLiteInterpreterResetVariableTensors(interpreter_->get()) == kOk) return {};
    return Status::engine(model_->path(), interpreter_->log().take("its state can't be reset"));
  }
  EDGERT_ASSIGN_OR_RETURN(auto fresh, model_->interpreter());
  return adopt(std::move(fresh));
}

}  // namespace edgert::tfl
