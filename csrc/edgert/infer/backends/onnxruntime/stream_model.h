// A model on the streams of a GPU, by the engine's CUDA provider.
//
// An OrtSession a stream, since a session is bound to one for good (provider option
// user_compute_stream): its runs are enqueued there in order, so they may share its arena without
// waiting for each other, and the run option disable_synchronize_execution_providers keeps a run
// from waiting for the GPU at its end. The weights are in the GPU's memory once for all streams
// (device_weights.h), where that can be done. Where a model has operators that the provider lacks,
// these run on the processor and a run waits for them; so it does for sizes that the GPU tells.
#pragma once

#include <vector>

#include "edgert/infer/backends/onnxruntime/device_weights.h"
#include "edgert/infer/backends/onnxruntime/value_cache.h"

namespace edgert::ort {

class OnnxStreamModel final : public StreamModel {
 public:
  static Result<std::unique_ptr<StreamModel>> load(const Engine& engine, const StreamPlace& place,
                                                   const std::string& file,
                                                   const ModelOptions& options);

  const ModelIo& io() const override { return io_; }
  edgert::Status enqueue(int stream, std::span<const StreamTensor> inputs,
                         std::span<StreamTensor> outputs) override;
  // Operators whose work depends on data have that data on the host, which no recording holds.
  bool repeats() const override { return true; }
  // Then a run waits at its end: only there, as far as we can tell, the engine gives back the
  // pinned memory that its operators took.
  void may_wait() override { run_options_.reset(); }

 private:
  // What belongs to one stream.
  struct Lane {
    Owned<Session> session;
    std::vector<ValueCache> inputs, outputs;
    // Of the run that is being enqueued.
    std::vector<const Value*> given;
    std::vector<Value*> written;
    std::vector<Owned<Value>> found;  // outputs that the last run set
  };
  OnnxStreamModel(const Engine& engine, const StreamPlace& place, std::string file);
  edgert::Status open(const ModelOptions& options);
  edgert::Status open_options();
  edgert::Status open_lane(const ModelOptions& options);
  Result<Owned<Session>> open_session(const ModelOptions& options);
  edgert::Status run(Lane& lane);
  edgert::Status run_and_find(Lane& lane, std::span<StreamTensor> outputs);
  edgert::Status take_found(Lane& lane, const IoBinding* binding, std::span<StreamTensor> outputs);
  void name_tensors();

  const Engine& engine_;
  const StreamPlace place_;  // ends after the sessions
  const std::string file_;
  ModelIo io_;
  Owned<MemoryInfo> memory_;
  Owned<RunOptions> run_options_;
  std::unique_ptr<DeviceWeights> weights_;  // ends after the sessions; null: each has its own
  std::vector<Lane> lanes_;
  std::vector<const char*> input_names_, output_names_;
};

}  // namespace edgert::ort
