// One interpreter with its delegates and its error log, in the order in which they must go.
#pragma once

#include <memory>
#include <vector>

#include "edgert/infer/backends/tflite/delegate.h"
#include "edgert/infer/backends/tflite/error_log.h"
#include "edgert/infer/backends/tflite/packed_weights.h"

namespace edgert::tfl {

struct InterpreterPlan {
  int threads = 1;
  bool xnnpack = true;
  std::shared_ptr<const DelegatePlugin> plugin;  // null: none
  std::shared_ptr<PackedWeights> weights;        // null: its own
};

class OwnedInterpreter {
 public:
  // Builds it and allocates its tensors. The error carries what the engine reported.
  static Result<std::unique_ptr<OwnedInterpreter>> make(const Engine& engine, const Model* model,
                                                        const InterpreterPlan& plan);
  OwnedInterpreter(const OwnedInterpreter&) = delete;
  OwnedInterpreter& operator=(const OwnedInterpreter&) = delete;
  ~OwnedInterpreter();

  Interpreter* get() const { return interpreter_; }
  ErrorLog& log() { return log_; }

 private:
  explicit OwnedInterpreter(const Engine& engine) : engine_(engine) {}
  Status build(const Model* model, const InterpreterPlan& plan);

  const Engine& engine_;
  ErrorLog log_;
  std::shared_ptr<PackedWeights> weights_;  // outlives the delegates
  std::vector<OwnedDelegate> delegates_;
  Interpreter* interpreter_ = nullptr;
};

}  // namespace edgert::tfl
