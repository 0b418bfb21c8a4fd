// ONNX Runtime, through its C API, from a library that is opened at run time.
#include <array>

#include "edgert/infer/backends/onnxruntime/engine.h"
#include "edgert/infer/backends/onnxruntime/model.h"
#include "edgert/infer/backends/onnxruntime/stream_model.h"

namespace edgert {
namespace {

class OnnxRuntimeBackend final : public Backend {
 public:
  std::string_view name() const override { return "onnxruntime"; }

  Result<EngineInfo> probe() override {
    EDGERT_ASSIGN_OR_RETURN(const ort::Engine* engine, ort::engine());
    return engine->info;
  }

  Result<std::shared_ptr<Model>> load(const std::string& file,
                                      const ModelOptions& options) override {
    EDGERT_ASSIGN_OR_RETURN(const ort::Engine* engine, ort::engine());
    return ort::OnnxModel::load(*engine, file, options);
  }

  bool runs_on(DeviceKind device) const override {
    return device == DeviceKind::kCpu || device == DeviceKind::kCuda;
  }

  Result<std::unique_ptr<StreamModel>> load_on(const StreamPlace& place, const std::string& file,
                                               const ModelOptions& options) override {
    EDGERT_ASSIGN_OR_RETURN(const ort::Engine* engine, ort::engine());
    return ort::OnnxStreamModel::load(*engine, place, file, options);
  }

  std::span<const std::string_view> extensions() const override {
    static constexpr std::array<std::string_view, 2> kExtensions{".onnx", ".ort"};
    return kExtensions;
  }
};

}  // namespace

std::unique_ptr<Backend> make_onnxruntime_backend();
std::unique_ptr<Backend> make_onnxruntime_backend() {
  return std::make_unique<OnnxRuntimeBackend>();
}

}  // namespace edgert
