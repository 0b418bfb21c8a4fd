#include "edgert/infer/backends/onnxruntime/stream_model.h"

#include <cstdint>

#include "edgert/infer/backends/onnxruntime/model.h"
#include "edgert/infer/backends/onnxruntime/model_io.h"

namespace edgert::ort {
namespace {

// The document's options behind our own, where the last one counts; but for which GPU and stream.
Result<ModelOptions> options_on(const StreamPlace& place, void* stream,
                                const ModelOptions& options) {
  EDGERT_ASSIGN_OR_RETURN(const std::string provider, options.engine.text("provider", "cuda"));
  if (provider != "cuda")
    return edgert::Status::invalid("engine", "provider is " + provider + " on a CUDA device",
                                   "leave provider out, or device");
  EDGERT_ASSIGN_OR_RETURN(const auto given, options.engine.texts("provider_options"));
  // An arena that doubles takes far more of the GPU than its models need.
  std::vector<std::string> entries{"arena_extend_strategy=kSameAsRequested"};
  entries.insert(entries.end(), given.begin(), given.end());
  entries.push_back("device_id=" + std::to_string(place.device.index));
  entries.push_back("has_user_compute_stream=1");  // without it the stream is passed over
  entries.push_back("user_compute_stream=" +
                    std::to_string(reinterpret_cast<std::uintptr_t>(stream)));
  ModelOptions made = options;
  made.engine.set("provider", std::string("cuda"));
  made.engine.set("provider_options", std::move(entries));
  return made;
}

}  // namespace

Result<std::unique_ptr<StreamModel>> OnnxStreamModel::load(const Engine& engine,
                                                           const StreamPlace& place,
                                                           const std::string& file,
                                                           const ModelOptions& options) {
  std::unique_ptr<OnnxStreamModel> model(new OnnxStreamModel(engine, place, file));
  EDGERT_RETURN_IF_ERROR(model->open(options));
  return std::unique_ptr<StreamModel>(std::move(model));
}

OnnxStreamModel::OnnxStreamModel(const Engine& engine, const StreamPlace& place, std::string file)
    : engine_(engine),
      place_(place),
      file_(std::move(file)),
      memory_(nullptr, engine.api.ReleaseMemoryInfo),
      run_options_(nullptr, engine.api.ReleaseRunOptions) {}

edgert::Status OnnxStreamModel::open(const ModelOptions& options) {
  EDGERT_RETURN_IF_ERROR(open_options());
  for (void* stream : place_.streams) {
    auto chosen = options_on(place_, stream, options);
    if (!chosen.ok()) return chosen.status().within(file_);
    if (lanes_.empty() && place_.streams.size() > 1)
      weights_ = DeviceWeights::make(engine_, place_, memory_.get(), file_, *chosen);
    EDGERT_RETURN_IF_ERROR(open_lane(*chosen));
  }
  if (weights_) weights_->opened();
  return {};
}

edgert::Status OnnxStreamModel::open_options() {
  const Api& api = engine_.api;
  MemoryInfo* memory = nullptr;
  // The name that the engine gives to memory of its CUDA provider.
  EDGERT_RETURN_IF_ERROR(
      api.status(api.CreateMemoryInfo("Cuda", kDeviceAllocator, place_.device.index,
                                      kMemoryTypeDefault, &memory),
                 file_));
  memory_.reset(memory);
  RunOptions* options = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateRunOptions(&options), file_));
  run_options_.reset(options);
  return api.status(api.AddRunConfigEntry(options, "disable_synchronize_execution_providers", "1"),
                    file_);
}

// What the engine can't open in that form it opens as it is, with weights of its own.
Result<Owned<Session>> OnnxStreamModel::open_session(const ModelOptions& options) {
  if (weights_) {
    auto opened = weights_->open(options);
    if (!lanes_.empty()) return opened;
    const auto io = opened.ok() ? read_io(engine_, opened->get()) : opened.status();
    if (io.ok() && weights_->same_io(*io)) return opened;
    { const auto unused = std::move(opened); }  // it ends before the weights
    weights_.reset();
  }
  return open_file(engine_, file_, file_, options);
}

edgert::Status OnnxStreamModel::open_lane(const ModelOptions& options) {
  EDGERT_ASSIGN_OR_RETURN(Owned<Session> session, open_session(options));
  if (lanes_.empty()) {
    auto io = read_io(engine_, session.get());
    if (!io.ok()) return io.status().within(file_);
    io_ = std::move(io).value();
    name_tensors();
  }
  Lane& lane = lanes_.emplace_back(Lane{std::move(session), {}, {}, {}, {}, {}});
  for (std::size_t i = 0; i < io_.inputs.size(); ++i)
    lane.inputs.emplace_back(engine_, memory_.get());
  for (std::size_t i = 0; i < io_.outputs.size(); ++i)
    lane.outputs.emplace_back(engine_, memory_.get());
  lane.given.resize(io_.inputs.size());
  lane.written.resize(io_.outputs.size());
  return {};
}

void OnnxStreamModel::name_tensors() {
  for (const TensorSpec& spec : io_.inputs) input_names_.push_back(spec.name.c_str());
  for (const TensorSpec& spec : io_.outputs) output_names_.push_back(spec.name.c_str());
}

edgert::Status OnnxStreamModel::enqueue(int stream, std::span<const StreamTensor> inputs,
                                        std::span<StreamTensor> outputs) {
  if (inputs.size() != io_.inputs.size() || outputs.size() != io_.outputs.size())
    return edgert::Status::internal(file_, "a run brought another number of tensors");
  Lane& lane = lanes_[static_cast<std::size_t>(stream)];
  edgert::Status error;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!(lane.given[i] = lane.inputs[i].find_or_make(inputs[i], error))) return error;
  bool varies = false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    lane.written[i] = nullptr;
    varies = varies || !outputs[i].data;
    if (outputs[i].data && !(lane.written[i] = lane.outputs[i].find_or_make(outputs[i], error)))
      return error;
  }
  return varies ? run_and_find(lane, outputs) : run(lane);
}

edgert::Status OnnxStreamModel::run(Lane& lane) {
  return engine_.api.status(
      engine_.api.Run(lane.session.get(), run_options_.get(), input_names_.data(),
                      lane.given.data(), lane.given.size(), output_names_.data(),
                      lane.written.size(), lane.written.data()),
      file_);
}

// Bound, since the engine would copy outputs that it makes itself to the host, and wait for that.
edgert::Status OnnxStreamModel::run_and_find(Lane& lane, std::span<StreamTensor> outputs) {
  const Api& api = engine_.api;
  IoBinding* made = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateIoBinding(lane.session.get(), &made), file_));
  const Owned<IoBinding> binding(made, api.ReleaseIoBinding);
  for (std::size_t i = 0; i < lane.given.size(); ++i)
    EDGERT_RETURN_IF_ERROR(
        api.status(api.BindInput(made, input_names_[i], lane.given[i]), input_names_[i]));
  for (std::size_t i = 0; i < lane.written.size(); ++i)
    EDGERT_RETURN_IF_ERROR(
        api.status(lane.written[i] ? api.BindOutput(made, output_names_[i], lane.written[i])
                                   : api.BindOutputToDevice(made, output_names_[i], memory_.get()),
                   output_names_[i]));
  lane.found.clear();  // what was behind it on the stream is enqueued
  EDGERT_RETURN_IF_ERROR(
      api.status(api.RunWithBinding(lane.session.get(), run_options_.get(), made), file_));
  return take_found(lane, made, outputs);
}

edgert::Status OnnxStreamModel::take_found(Lane& lane, const IoBinding* binding,
                                           std::span<StreamTensor> outputs) {
  const Api& api = engine_.api;
  Value** values = nullptr;
  std::size_t count = 0;
  EDGERT_RETURN_IF_ERROR(
      api.status(api.GetBoundOutputValues(binding, engine_.allocator, &values, &count), file_));
  for (std::size_t i = 0; i < count; ++i) lane.found.emplace_back(values[i], api.ReleaseValue);
  api.ReleaseStatus(api.AllocatorFree(engine_.allocator, values));
  if (count != outputs.size())
    return edgert::Status::engine(file_, "a run gave another number of outputs");
  for (std::size_t i = 0; i < count; ++i) {
    if (outputs[i].data) continue;
    TensorInfo* info = nullptr;
    EDGERT_RETURN_IF_ERROR(
        api.status(api.GetTensorTypeAndShape(lane.found[i].get(), &info), output_names_[i]));
    const Owned<TensorInfo> owner(info, api.ReleaseTensorTypeAndShapeInfo);
    EDGERT_ASSIGN_OR_RETURN(outputs[i].shape, read_shape(api, info));
    EDGERT_RETURN_IF_ERROR(api.status(
        api.GetTensorMutableData(lane.found[i].get(), &outputs[i].data), output_names_[i]));
    outputs[i].dtype = io_.outputs[i].dtype;
    outputs[i].bytes =
        static_cast<std::size_t>(outputs[i].shape.elements()) * dtype_size(outputs[i].dtype);
  }
  return {};
}

}  // namespace edgert::ort
