#pragma once

#include <vector>

#include "edgert/infer/backends/onnxruntime/model.h"
#include "edgert/infer/backends/onnxruntime/value_cache.h"

namespace edgert::ort {

// Runs the model's OrtSession on the caller's own memory. Measured against an IoBinding, plain
// Run with kept values costs the same for fixed buffers and less for changing ones.
class OnnxSession final : public edgert::Session {
 public:
  OnnxSession(std::shared_ptr<OnnxModel> model, Owned<RunOptions> options);
  edgert::Status run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override;

 private:
  edgert::Status bind(std::span<const Tensor> inputs, std::span<const Tensor> outputs);
  edgert::Status run_bound(const RunOptions* options, std::span<const Tensor> outputs);
  edgert::Status take_outputs(std::span<Tensor> outputs);
  edgert::Status failed(Status* engine_status, std::span<const Tensor> outputs);

  std::shared_ptr<OnnxModel> model_;
  Owned<RunOptions> options_;
  bool first_ = true;
  std::vector<const char*> input_names_, output_names_;
  std::vector<ValueCache> input_caches_, output_caches_;
  std::vector<const Value*> input_values_;  // of the run under way
  std::vector<Value*> output_values_;       // null: the engine allocates
};

}  // namespace edgert::ort
