#include "edgert/infer/backends/onnxruntime/session_options.h"

#include "edgert/infer/key_values.h"

namespace edgert::ort {
namespace {

edgert::Status append_tensorrt(const Api& api, SessionOptions* options, const KeyValues& pairs) {
  TensorRtOptions* made = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateTensorRTProviderOptions(&made), "tensorrt"));
  Owned<TensorRtOptions> owner(made, api.ReleaseTensorRTProviderOptions);
  EDGERT_RETURN_IF_ERROR(
      api.status(api.UpdateTensorRTProviderOptions(made, pairs.keys().data(), pairs.values().data(),
                                                   pairs.size()),
                 "tensorrt"));
  return api.status(api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, made),
                    "tensorrt");
}

edgert::Status append_cuda(const Api& api, SessionOptions* options, const KeyValues& pairs) {
  CudaOptions* made = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateCUDAProviderOptions(&made), "cuda"));
  Owned<CudaOptions> owner(made, api.ReleaseCUDAProviderOptions);
  EDGERT_RETURN_IF_ERROR(api.status(
      api.UpdateCUDAProviderOptions(made, pairs.keys().data(), pairs.values().data(), pairs.size()),
      "cuda"));
  return api.status(api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, made), "cuda");
}

edgert::Status append_provider(const Api& api, SessionOptions* options, const Params& params) {
  EDGERT_ASSIGN_OR_RETURN(const std::string provider, params.text("provider", "cpu"));
  EDGERT_ASSIGN_OR_RETURN(const auto entries, params.texts("provider_options"));
  EDGERT_ASSIGN_OR_RETURN(const KeyValues pairs, KeyValues::parse("provider_options", entries));
  if (provider == "cpu") return {};
  if (provider == "tensorrt") return append_tensorrt(api, options, pairs);
  if (provider == "cuda") return append_cuda(api, options, pairs);
  return api.status(
      api.SessionOptionsAppendExecutionProvider(options, provider.c_str(), pairs.keys().data(),
                                                pairs.values().data(), pairs.size()),
      provider);
}

// What brings the provider.
std::string remedy(const Params& params) {
  const auto provider = params.text("provider", "cpu");
  if (provider.ok() && *provider == "cuda")
    return "install onnxruntime-gpu in place of onnxruntime, with the CUDA and cuDNN that it is "
           "made for where the loader finds them (LD_LIBRARY_PATH), or run it on the processor";
  return "use an ONNX Runtime build that has it, or provider: cpu";
}

}  // namespace

Result<Owned<SessionOptions>> session_options(const Engine& engine, const ModelOptions& options) {
  EDGERT_RETURN_IF_ERROR(options.engine.only({"provider", "provider_options"}));
  const Api& api = engine.api;
  SessionOptions* made = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateSessionOptions(&made), "session options"));
  Owned<SessionOptions> owner(made, api.ReleaseSessionOptions);
  for (Status* status :
       {api.SetIntraOpNumThreads(made, options.threads), api.SetInterOpNumThreads(made, 1),
        api.SetSessionExecutionMode(made, kSequential),
        api.SetSessionGraphOptimizationLevel(made, kOptimiseAll),
        api.AddSessionConfigEntry(made, "session.use_env_allocators", "1"),
        // A pool that spins takes the cores that other lanes need.
        api.AddSessionConfigEntry(made, "session.intra_op.allow_spinning", "0")})
    EDGERT_RETURN_IF_ERROR(api.status(status, "session options"));
  if (edgert::Status status = append_provider(api, made, options.engine); !status.ok())
    return edgert::Status::unavailable("provider " + std::string(status.where()),
                                       std::string(status.what()), remedy(options.engine));
  return owner;
}

}  // namespace edgert::ort
