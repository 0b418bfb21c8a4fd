#include "edgert/infer/backends/onnxruntime/model.h"

#include <filesystem>

#include "edgert/infer/backends/onnxruntime/model_io.h"
#include "edgert/infer/backends/onnxruntime/prepared.h"
#include "edgert/infer/backends/onnxruntime/session.h"
#include "edgert/infer/backends/onnxruntime/session_options.h"

namespace edgert::ort {
namespace {

// Texts of onnxruntime's graph.cc, session_state.cc and of ONNX' checker.
bool lacks_operator(std::string_view text) {
  for (const std::string_view says :
       {"is not a registered function/op", "No Op registered for",
        "Could not find an implementation for", "No opset import for domain"})
    if (text.find(says) != std::string_view::npos) return true;
  return false;
}

edgert::Status explained(edgert::Status failure, const std::string& file) {
  if (failure.ok() || !lacks_operator(failure.what())) return failure;
  return edgert::Status::engine(
      file, "it needs an operator that this engine lacks: " + std::string(failure.what()),
      "use a newer onnxruntime, or export the model with standard operators of an older opset; the "
      "file itself is intact");
}

Result<Owned<RunOptions>> run_options(const Api& api) {
  RunOptions* options = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateRunOptions(&options), "run options"));
  return Owned<RunOptions>(options, api.ReleaseRunOptions);
}

Result<Owned<RunOptions>> shrinking_options(const Api& api) {
  EDGERT_ASSIGN_OR_RETURN(auto options, run_options(api));
  EDGERT_RETURN_IF_ERROR(api.status(
      api.AddRunConfigEntry(options.get(), "memory.enable_memory_arena_shrinkage", "cpu:0"),
      "run options"));
  return options;
}

}  // namespace

Result<Owned<Session>> open_file(const Engine& engine, const std::string& file,
                                 const std::string& path, const ModelOptions& options) {
  auto made = session_options(engine, options);
  if (!made.ok()) return made.status().within(file);
  Session* session = nullptr;
  EDGERT_RETURN_IF_ERROR(explained(
      engine.api.status(engine.api.CreateSession(engine.env, path.c_str(), made->get(), &session),
                        file),
      file));
  return Owned<Session>(session, engine.api.ReleaseSession);
}

namespace {

// The prepared form of the file, which is made now where it isn't there; else the file itself.
Result<Owned<Session>> open(const Engine& engine, const std::string& file,
                            const ModelOptions& options) {
  if (const auto folder = prepared_folder(engine, file, options)) {
    auto prepared = prepared_model(*folder);
    if (!prepared && prepare(engine, file, options, *folder)) prepared = prepared_model(*folder);
    if (prepared) {
      auto opened = open_file(engine, file, *prepared, options);
      if (opened.ok()) return opened;
    }
  }
  return open_file(engine, file, file, options);
}

}  // namespace

Result<std::shared_ptr<Model>> OnnxModel::load(const Engine& engine, const std::string& file,
                                               const ModelOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    return edgert::Status(Code::kNotFound, file, "there is no such file", "check the path");
  EDGERT_ASSIGN_OR_RETURN(Owned<Session> owner, open(engine, file, options));
  Session* const session = owner.get();
  auto io = read_io(engine, session);
  if (!io.ok()) return io.status().within(file);
  EDGERT_ASSIGN_OR_RETURN(auto first_run, shrinking_options(engine.api));
  return std::shared_ptr<Model>(std::make_shared<OnnxModel>(
      engine, std::move(owner), std::move(first_run), std::move(io).value(), file));
}

OnnxModel::OnnxModel(const Engine& engine, Owned<Session> session, Owned<RunOptions> first_run,
                     ModelIo io, std::string file)
    : engine_(engine),
      session_(std::move(session)),
      first_run_(std::move(first_run)),
      io_(std::move(io)),
      file_(std::move(file)) {}

Result<std::unique_ptr<edgert::Session>> OnnxModel::session() {
  auto options = run_options(engine_.api);
  if (!options.ok()) return options.status().within(file_);
  return std::unique_ptr<edgert::Session>(
      std::make_unique<OnnxSession>(shared_from_this(), std::move(options).value()));
}

}  // namespace edgert::ort
