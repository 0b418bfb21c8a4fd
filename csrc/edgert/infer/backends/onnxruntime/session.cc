#include "edgert/infer/backends/onnxruntime/session.h"

#include "edgert/infer/backends/onnxruntime/model_io.h"

namespace edgert::ort {
namespace {

// A value that the engine allocated, kept as long as a tensor shows it.
struct EngineMemory {
  std::shared_ptr<OnnxModel> model;  // the value's allocator is the OrtSession's
  Value* value;

  static void drop(void* context) noexcept {
    auto* self = static_cast<EngineMemory*>(context);
    self->model->engine().api.ReleaseValue(self->value);
    delete self;
  }
};

Result<Tensor> wrap(const std::shared_ptr<OnnxModel>& model, const TensorSpec& spec,
                    Owned<Value> value) {
  const Api& api = model->engine().api;
  TensorInfo* info = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.GetTensorTypeAndShape(value.get(), &info), spec.name));
  Owned<TensorInfo> owner(info, api.ReleaseTensorTypeAndShapeInfo);
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, read_shape(api, info));
  void* data = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.GetTensorMutableData(value.get(), &data), spec.name));
  const auto bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(spec.dtype);
  auto* memory = new EngineMemory{model, value.release()};
  return Tensor(wrap_buffer(data, bytes, {}, memory, &EngineMemory::drop), spec.dtype, shape);
}

}  // namespace

OnnxSession::OnnxSession(std::shared_ptr<OnnxModel> model, Owned<RunOptions> options)
    : model_(std::move(model)), options_(std::move(options)) {
  for (const TensorSpec& spec : model_->io().inputs) {
    input_names_.push_back(spec.name.c_str());
    input_caches_.emplace_back(model_->engine());
  }
  for (const TensorSpec& spec : model_->io().outputs) {
    output_names_.push_back(spec.name.c_str());
    output_caches_.emplace_back(model_->engine());
  }
  input_values_.resize(input_names_.size());
  output_values_.resize(output_names_.size());
}

edgert::Status OnnxSession::run(std::span<const Tensor> inputs, std::span<Tensor> outputs) {
  EDGERT_RETURN_IF_ERROR(check_cpu_run(model_->io(), inputs, outputs));
  EDGERT_RETURN_IF_ERROR(bind(inputs, outputs));
  if (std::exchange(first_, false)) {
    // An engine built without an arena refuses before it runs anything.
    if (edgert::Status status = run_bound(model_->first_run(), outputs); status.ok())
      return take_outputs(outputs);
    EDGERT_RETURN_IF_ERROR(bind(inputs, outputs));
  }
  EDGERT_RETURN_IF_ERROR(run_bound(options_.get(), outputs));
  return take_outputs(outputs);
}

edgert::Status OnnxSession::run_bound(const RunOptions* options, std::span<const Tensor> outputs) {
  Status* status = model_->engine().api.Run(
      model_->handle(), options, input_names_.data(), input_values_.data(), input_names_.size(),
      output_names_.data(), output_names_.size(), output_values_.data());
  return status ? failed(status, outputs) : edgert::Status{};
}

edgert::Status OnnxSession::bind(std::span<const Tensor> inputs, std::span<const Tensor> outputs) {
  edgert::Status error;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    input_values_[i] = input_caches_[i].find_or_make(inputs[i], error);
    if (!input_values_[i]) return error;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    output_values_[i] = nullptr;
    if (!outputs[i]) continue;
    output_values_[i] = output_caches_[i].find_or_make(outputs[i], error);
    if (!output_values_[i]) return error;
  }
  return {};
}

edgert::Status OnnxSession::take_outputs(std::span<Tensor> outputs) {
  edgert::Status first;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i]) continue;
    Owned<Value> value(output_values_[i], model_->engine().api.ReleaseValue);
    auto tensor = wrap(model_, model_->io().outputs[i], std::move(value));
    if (tensor.ok())
      outputs[i] = std::move(tensor).value();
    else if (first.ok())
      first = tensor.status();
  }
  return first;
}

// Some outputs may have been allocated before the failure.
edgert::Status OnnxSession::failed(Status* engine_status, std::span<const Tensor> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!outputs[i] && output_values_[i]) model_->engine().api.ReleaseValue(output_values_[i]);
  return model_->engine().api.status(engine_status, model_->file());
}

}  // namespace edgert::ort
