// TensorFlow Lite, through its plain C API, from a library that is opened at run time.
#include <array>

#include "edgert/infer/backends/tflite/engine.h"
#include "edgert/infer/backends/tflite/model.h"

namespace edgert {
namespace {

class TfliteBackend final : public Backend {
 public:
  std::string_view name() const override { return "tflite"; }

  Result<EngineInfo> probe() override {
    EDGERT_ASSIGN_OR_RETURN(const tfl::Engine* engine, tfl::engine());
    return engine->info;
  }

  Result<std::shared_ptr<Model>> load(const std::string& file,
                                      const ModelOptions& options) override {
    EDGERT_ASSIGN_OR_RETURN(const tfl::Engine* engine, tfl::engine());
    return tfl::TfliteModel::load(*engine, file, options);
  }

  std::span<const std::string_view> extensions() const override {
    static constexpr std::array<std::string_view, 1> kExtensions{".tflite"};
    return kExtensions;
  }
};

}  // namespace

std::unique_ptr<Backend> make_tflite_backend();
std::unique_ptr<Backend> make_tflite_backend() {
  return std::make_unique<TfliteBackend>();
}

}  // namespace edgert
