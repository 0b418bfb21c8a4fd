// A model's weights in a GPU's memory, once for all sessions of it there.
//
// The engine optimises the model once and writes it down, with its weights (many are new by then:
// folded constants, joined layers) in a file beside it. These are copied to the GPU, and each
// session is opened on that model without optimising it again, with the weights given to it
// (AddInitializer). The engine takes a tensor that is given where it would put it itself; those
// that it wants in the host's memory, and what kernels pack in ways of their own, each session has
// alone. Thread rule: one thread. The sessions end before this.
#pragma once

#include <filesystem>
#include <memory>

#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

class DeviceWeights {
 public:
  // `options`: of a session there. Nothing where it can't be done; then each session has its own.
  static std::unique_ptr<DeviceWeights> make(const Engine& engine, const StreamPlace& place,
                                             const MemoryInfo* memory, const std::string& file,
                                             const ModelOptions& options);
  ~DeviceWeights();

  // Of the file itself. Where the engine lists other inputs for what it wrote, it can't be used.
  bool same_io(const ModelIo& io) const;

  Result<Owned<Session>> open(const ModelOptions& options) const;
  // All sessions are open: what they were opened from may go.
  void opened();

 private:
  DeviceWeights(const Engine& engine, std::filesystem::path folder)
      : engine_(engine), folder_(std::move(folder)) {}
  bool write(const std::string& file, const ModelOptions& options);
  bool upload(const StreamPlace& place, const MemoryInfo* memory);

  struct Given {
    std::string name;
    Owned<Value> value;
  };
  const Engine& engine_;
  const std::filesystem::path folder_;
  ModelIo io_;
  std::shared_ptr<void> memory_;  // on the GPU
  std::vector<Given> given_;
};

}  // namespace edgert::ort
