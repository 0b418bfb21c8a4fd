#pragma once

#include <mutex>

#include "edgert/infer/backends/tflite/interpreter.h"
#include "edgert/infer/backends/tflite/mapped_file.h"
#include "edgert/infer/backends/tflite/model_facts.h"

namespace edgert::tfl {

using OwnedModel = std::unique_ptr<Model, void (*)(Model*)>;

// A mapped file. Sessions share its pages and, under XNNPACK, one packed copy of its weights; each
// has an interpreter of its own, with its own activations.
class TfliteModel final : public edgert::Model, public std::enable_shared_from_this<TfliteModel> {
 public:
  // Engine parameters: `delegate` (a plugin's path), `delegate_options` (["key=value", ...]),
  // `xnnpack` (default true).
  static Result<std::shared_ptr<edgert::Model>> load(const Engine& engine, const std::string& file,
                                                     const ModelOptions& options);
  TfliteModel(const Engine& engine, std::string path, MappedFile file, InterpreterPlan plan);

  const ModelIo& io() const override { return io_; }
  Result<std::unique_ptr<Session>> session() override;
  bool keeps_state() const override { return facts_.keeps_state; }

  const Engine& engine() const { return engine_; }
  const ModelFacts& facts() const { return facts_; }
  const std::string& path() const { return path_; }
  Result<std::unique_ptr<OwnedInterpreter>> interpreter() const;

 private:
  Status open();
  Status build_first();
  bool free_inputs() const;
  Result<std::unique_ptr<OwnedInterpreter>> shared_interpreter() const;

  const Engine& engine_;
  std::string path_;
  MappedFile file_;
  OwnedModel model_{nullptr, nullptr};
  InterpreterPlan plan_;
  ModelFacts facts_;
  ModelIo io_;
  std::mutex mutex_;
  std::unique_ptr<OwnedInterpreter> first_;  // made to check the file; the first session takes it
};

}  // namespace edgert::tfl
