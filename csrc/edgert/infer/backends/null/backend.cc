// The null backend: no engine at all. It is the template for a new one: copy this folder and
// follow docs/adding-a-backend.md.
//
// A backend is three classes. Backend finds its engine and loads files; Model is what a file and
// its options gave, shared by its sessions; Session runs. Who holds whom: session -> model ->
// engine, by shared_ptr, so that dropping the last reference unloads, in whatever order.
#include <array>
#include <chrono>
#include <thread>

#include "edgert/infer/backends/null/model_file.h"
#include "edgert/infer/backends/null/session.h"

namespace edgert {
namespace {

class NullModel final : public Model {
 public:
  explicit NullModel(null::ModelFile file)
      : file_(std::make_shared<const null::ModelFile>(std::move(file))) {}
  const ModelIo& io() const override { return file_->io; }
  Result<std::unique_ptr<Session>> session() override {
    return std::unique_ptr<Session>(std::make_unique<null::NullSession>(file_));
  }
  bool cheap_sessions() const override { return true; }
  bool keeps_state() const override { return file_->count; }

 private:
  std::shared_ptr<const null::ModelFile> file_;
};

class NullBackend final : public Backend {
 public:
  std::string_view name() const override { return "null"; }

  // A real backend opens its engine here, once, and answers kUnavailable when it is not there.
  Result<EngineInfo> probe() override { return EngineInfo{"1", ""}; }

  Result<std::shared_ptr<Model>> load(const std::string& path,
                                      const ModelOptions& options) override {
    // Options that this engine doesn't know are the user's mistake, not to be ignored.
    if (Status status = options.engine.only({}); !status.ok()) return status.within(path);
    EDGERT_ASSIGN_OR_RETURN(null::ModelFile file, null::read_model_file(path));
    std::this_thread::sleep_for(std::chrono::microseconds(file.load_us));
    if (!file.fail_load.empty()) return Status::engine(path, file.fail_load);
    return std::shared_ptr<Model>(std::make_shared<NullModel>(std::move(file)));
  }

  std::span<const std::string_view> extensions() const override {
    static constexpr std::array<std::string_view, 1> kExtensions{".null"};
    return kExtensions;
  }
};

}  // namespace

std::unique_ptr<Backend> make_null_backend();
std::unique_ptr<Backend> make_null_backend() {
  return std::make_unique<NullBackend>();
}

}  // namespace edgert
