#pragma once

#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

// The session of a file, or of the prepared form of one, which lies at `path`.
Result<Owned<Session>> open_file(const Engine& engine, const std::string& file,
                                 const std::string& path, const ModelOptions& options);

// One OrtSession. Its Run may be called from any thread, so sessions of ours share it.
class OnnxModel final : public Model, public std::enable_shared_from_this<OnnxModel> {
 public:
  static Result<std::shared_ptr<Model>> load(const Engine& engine, const std::string& file,
                                             const ModelOptions& options);
  OnnxModel(const Engine& engine, Owned<Session> session, Owned<RunOptions> first_run, ModelIo io,
            std::string file);

  const ModelIo& io() const override { return io_; }
  Result<std::unique_ptr<edgert::Session>> session() override;
  bool cheap_sessions() const override { return true; }

  const Engine& engine() const { return engine_; }
  Session* handle() const { return session_.get(); }
  const std::string& file() const { return file_; }
  // For each session's first run: it gives back what loading left unused in the engine's arena.
  const RunOptions* first_run() const { return first_run_.get(); }

 private:
  const Engine& engine_;
  Owned<Session> session_;
  Owned<RunOptions> first_run_;
  ModelIo io_;
  std::string file_;
};

}  // namespace edgert::ort
