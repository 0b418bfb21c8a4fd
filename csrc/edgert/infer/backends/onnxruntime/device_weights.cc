#include "edgert/infer/backends/onnxruntime/device_weights.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "edgert/infer/backends/onnxruntime/external_weights.h"
#include "edgert/infer/backends/onnxruntime/model_io.h"
#include "edgert/infer/backends/onnxruntime/session_options.h"

namespace edgert::ort {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModel = "model.onnx";
constexpr const char* kWeights = "weights.data";
constexpr const char* kLeastBytes = "1024";  // smaller tensors stay in the model
constexpr std::size_t kAlignment = 256;      // as cudaMalloc's

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

bool lies_in(const ExternalWeights& weights, std::size_t bytes) {
  return weights.location == kWeights && weights.offset <= bytes &&
         weights.length <= bytes - weights.offset;
}

}  // namespace

std::unique_ptr<DeviceWeights> DeviceWeights::make(const Engine& engine, const StreamPlace& place,
                                                   const MemoryInfo* memory,
                                                   const std::string& file,
                                                   const ModelOptions& options) {
  if (!place.upload || !file.ends_with(".onnx")) return nullptr;
  std::error_code failed;
  std::string folder = (fs::temp_directory_path(failed) / "edgert.XXXXXX").string();
  if (failed || !mkdtemp(folder.data())) return nullptr;
  std::unique_ptr<DeviceWeights> made(new DeviceWeights(engine, folder));
  if (!made->write(file, options) || !made->upload(place, memory)) return nullptr;
  return made;
}

DeviceWeights::~DeviceWeights() {
  opened();
}

void DeviceWeights::opened() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

bool DeviceWeights::write(const std::string& file, const ModelOptions& options) {
  auto made = session_options(engine_, options);
  if (!made.ok()) return false;
  const Api& api = engine_.api;
  SessionOptions* to = made->get();
  for (Status* status :
       {api.SetOptimizedModelFilePath(to, (folder_ / kModel).c_str()),
        api.AddSessionConfigEntry(to, "session.optimized_model_external_initializers_file_name",
                                  kWeights),
        api.AddSessionConfigEntry(
            to, "session.optimized_model_external_initializers_min_size_in_bytes", kLeastBytes)})
    if (!api.status(status, file).ok()) return false;
  Session* session = nullptr;
  const bool opened =
      api.status(api.CreateSession(engine_.env, file.c_str(), to, &session), file).ok();
  if (!opened) return false;
  const Owned<Session> owner(session, api.ReleaseSession);
  auto io = read_io(engine_, session);
  if (!io.ok()) return false;
  io_ = std::move(io).value();
  return true;
}

bool DeviceWeights::same_io(const ModelIo& io) const {
  const auto same = [](const TensorSpec& a, const TensorSpec& b) {
    return a.name == b.name && a.dtype == b.dtype && a.shape == b.shape;
  };
  return std::ranges::equal(io_.inputs, io.inputs, same) &&
         std::ranges::equal(io_.outputs, io.outputs, same);
}

bool DeviceWeights::upload(const StreamPlace& place, const MemoryInfo* memory) {
  const auto model = content_of(folder_ / kModel), weights = content_of(folder_ / kWeights);
  const auto tensors = model ? external_tensors(*model) : std::nullopt;
  if (!tensors || !weights) return false;
  std::string aligned;
  std::vector<std::size_t> places;
  for (const ExternalTensor& tensor : *tensors) {
    if (!lies_in(tensor.weights, weights->size())) return false;
    places.push_back(aligned.size());
    aligned.append(*weights, tensor.weights.offset, tensor.weights.length);
    aligned.resize(rounded_up(aligned.size()));
  }
  auto uploaded = place.upload(std::as_bytes(std::span(aligned)));
  if (!uploaded.ok()) return false;
  memory_ = std::move(uploaded).value();
  const Api& api = engine_.api;
  for (std::size_t i = 0; i < tensors->size(); ++i) {
    const ExternalTensor& tensor = (*tensors)[i];
    Value* value = nullptr;
    if (!api.status(api.CreateTensorWithDataAsOrtValue(
                        memory, static_cast<char*>(memory_.get()) + places[i],
                        tensor.weights.length, tensor.dims.data(), tensor.dims.size(),
                        static_cast<ElementType>(tensor.type), &value),
                    tensor.name)
             .ok())
      return false;
    given_.push_back({tensor.name, Owned<Value>(value, api.ReleaseValue)});
  }
  return true;
}

Result<Owned<Session>> DeviceWeights::open(const ModelOptions& options) const {
  const Api& api = engine_.api;
  const std::string file = (folder_ / kModel).string();
  EDGERT_ASSIGN_OR_RETURN(const auto made, session_options(engine_, options));
  EDGERT_RETURN_IF_ERROR(
      api.status(api.SetSessionGraphOptimizationLevel(made.get(), kOptimiseNothing), file));
  for (const Given& tensor : given_)
    EDGERT_RETURN_IF_ERROR(api.status(
        api.AddInitializer(made.get(), tensor.name.c_str(), tensor.value.get()), tensor.name));
  Session* session = nullptr;
  EDGERT_RETURN_IF_ERROR(
      api.status(api.CreateSession(engine_.env, file.c_str(), made.get(), &session), file));
  return Owned<Session>(session, api.ReleaseSession);
}

}  // namespace edgert::ort
