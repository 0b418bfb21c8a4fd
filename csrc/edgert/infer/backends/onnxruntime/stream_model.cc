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
    EDGERT_RETURN_IF_ERROR(open_lane(*chosen));
  }
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

edgert::Status OnnxStreamModel::open_lane(const ModelOptions& options) {
  EDGERT_ASSIGN_OR_RETURN(Owned<Session> session, open_file(engine_, file_, file_, options));
  if (lanes_.empty()) {
    auto io = read_io(engine_, session.get());
    if (!io.ok()) return io.status().within(file_);
    io_ = std::move(io).value();
    name_tensors();
  }
  Lane& lane = lanes_.emplace_back(Lane{std::move(session), {}, {}});
  for (std::size_t i = 0; i < io_.inputs.size(); ++i)
    lane.inputs.emplace_back(engine_, memory_.get());
  for (std::size_t i = 0; i < io_.outputs.size(); ++i)
    lane.outputs.emplace_back(engine_, memory_.get());
  return {};
}

void OnnxStreamModel::name_tensors() {
  for (const TensorSpec& spec : io_.inputs) input_names_.push_back(spec.name.c_str());
  for (const TensorSpec& spec : io_.outputs) output_names_.push_back(spec.name.c_str());
  inputs_.resize(input_names_.size());
  outputs_.resize(output_names_.size());
}

edgert::Status OnnxStreamModel::enqueue(int stream, std::span<const StreamTensor> inputs,
                                        std::span<const StreamTensor> outputs) {
  if (inputs.size() != inputs_.size() || outputs.size() != outputs_.size())
    return edgert::Status::internal(file_, "a run brought another number of tensors");
  Lane& lane = lanes_[static_cast<std::size_t>(stream)];
  edgert::Status error;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!(inputs_[i] = lane.inputs[i].find_or_make(inputs[i], error))) return error;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!(outputs_[i] = lane.outputs[i].find_or_make(outputs[i], error))) return error;
  return engine_.api.status(
      engine_.api.Run(lane.session.get(), run_options_.get(), input_names_.data(), inputs_.data(),
                      inputs_.size(), output_names_.data(), outputs_.size(), outputs_.data()),
      file_);
}

}  // namespace edgert::ort
