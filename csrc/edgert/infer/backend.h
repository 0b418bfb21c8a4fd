// The seam of inference engines. A backend opens its engine's shared library at run time, loads
// models, and makes sessions that lanes run with tensors bound in place.
//
// Ownership: a Session keeps its Model alive, a Model its engine. Unloading is dropping the last
// reference; it is safe while other sessions run.
// Thread rule: Backend and Model may be used from any thread. A Session is used by one thread at
// a time; which one may change between runs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edgert/base/params.h"
#include "edgert/base/status.h"
#include "edgert/device/stream.h"
#include "edgert/memory/tensor.h"

namespace edgert {

struct EngineInfo {
  std::string version;
  std::string library;  // path that was opened; empty for a backend that needs none
};

struct ModelOptions {
  int threads = 1;  // engine threads within one run
  Params engine;    // what only this engine knows, e.g. {"delegate": "/usr/lib/libedgetpu.so.1"}
};

// real value = scale * (stored - zero). A scale of 0: not quantised, or not by one pair.
struct Quantization {
  float scale = 0;
  int zero = 0;
};

struct ModelIo {
  std::vector<TensorSpec> inputs, outputs;                            // -1 extents are free
  std::vector<Quantization> input_quantization, output_quantization;  // one a tensor, or empty
  std::vector<std::pair<std::string, std::string>> metadata;  // what the file says of itself
};

class Session {
 public:
  virtual ~Session() = default;
  // Inputs are in the order of ModelIo::inputs and are read in place. An output that is set on
  // entry is written in place and must have the right dtype and a static shape; one that is empty
  // is set by the session to memory of the engine's (its buffer keeps it alive).
  // A wrong count, dtype or shape is refused before the engine sees it.
  virtual Status run(std::span<const Tensor> inputs, std::span<Tensor> outputs) = 0;
  // Forgets what earlier runs left inside. Models whose state is among their tensors have none.
  virtual Status reset() { return {}; }
  // Bytes of inputs and outputs copied so far, because the engine could not use memory in place.
  // From any thread.
  virtual std::uint64_t bytes_copied() const { return 0; }
};

class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelIo& io() const = 0;
  virtual Result<std::unique_ptr<Session>> session() = 0;
  // Whether sessions share one copy of the weights, so that a session costs little.
  virtual bool cheap_sessions() const { return false; }
  // Whether a session's runs leave something inside that the next run sees. Then runs take turns
  // in frame order, on a session of their node's own.
  virtual bool keeps_state() const { return false; }
};

// A model on a device's streams (device/stream.h). It keeps the streams' owner.
class StreamModel : public StreamWork {
 public:
  virtual const ModelIo& io() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;
  // Opens the engine on first use. An engine that is not there is an ordinary answer (kUnavailable
  // with the paths that were tried and what to install).
  virtual Result<EngineInfo> probe() = 0;
  // `file` is a path. Refuses, with the reason, what is truncated, of another format, or needs an
  // operator that the engine lacks.
  virtual Result<std::shared_ptr<Model>> load(const std::string& file,
                                              const ModelOptions& options) = 0;
  // Devices that the engine may run models on; the CPU always.
  virtual bool runs_on(DeviceKind device) const { return device == DeviceKind::kCpu; }
  // The model on all streams of a device, one that runs_on() is true of.
  virtual Result<std::unique_ptr<StreamModel>> load_on(const StreamPlace& place,
                                                       const std::string& file,
                                                       const ModelOptions& options);
  // File name endings that this backend reads, e.g. ".onnx".
  virtual std::span<const std::string_view> extensions() const = 0;
};

// Checks a run's tensors against `io`; used by every backend.
Status check_run(const ModelIo& io, std::span<const Tensor> inputs,
                 std::span<const Tensor> outputs);
// The same, and that all memory is the CPU's; for engines that read nothing else.
Status check_cpu_run(const ModelIo& io, std::span<const Tensor> inputs,
                     std::span<const Tensor> outputs);

}  // namespace edgert
