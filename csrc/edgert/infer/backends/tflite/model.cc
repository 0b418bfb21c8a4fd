#include "edgert/infer/backends/tflite/model.h"

#include <algorithm>

#include "edgert/infer/backends/tflite/missing_operator.h"
#include "edgert/infer/backends/tflite/model_io.h"
#include "edgert/infer/backends/tflite/session.h"

namespace edgert::tfl {
namespace {

Result<InterpreterPlan> read_plan(const ModelOptions& options) {
  EDGERT_RETURN_IF_ERROR(options.engine.only({"delegate", "delegate_options", "xnnpack"}));
  InterpreterPlan plan;
  plan.threads = options.threads;
  EDGERT_ASSIGN_OR_RETURN(plan.xnnpack, options.engine.boolean("xnnpack", true));
  EDGERT_ASSIGN_OR_RETURN(const std::string path, options.engine.text("delegate", ""));
  EDGERT_ASSIGN_OR_RETURN(const auto pairs, options.engine.texts("delegate_options"));
  if (path.empty()) return plan;
  EDGERT_ASSIGN_OR_RETURN(DelegatePlugin plugin, DelegatePlugin::open(path, pairs));
  plan.plugin = std::make_shared<const DelegatePlugin>(std::move(plugin));
  return plan;
}

}  // namespace

Result<std::shared_ptr<edgert::Model>> TfliteModel::load(const Engine& engine,
                                                         const std::string& file,
                                                         const ModelOptions& options) {
  auto plan = read_plan(options);
  if (!plan.ok()) return plan.status().within(file);
  EDGERT_ASSIGN_OR_RETURN(MappedFile mapped, MappedFile::open(file));
  if (!looks_like_tflite(mapped.bytes()))
    return Status::invalid(file, "it is not a TensorFlow Lite model (no TFL3 mark)");
  auto model =
      std::make_shared<TfliteModel>(engine, file, std::move(mapped), std::move(plan).value());
  if (Status status = model->open(); !status.ok()) return status;
  return std::shared_ptr<edgert::Model>(std::move(model));
}

TfliteModel::TfliteModel(const Engine& engine, std::string path, MappedFile file,
                         InterpreterPlan plan)
    : engine_(engine), path_(std::move(path)), file_(std::move(file)), plan_(std::move(plan)) {}

Status TfliteModel::open() {
  ErrorLog log;
  const auto bytes = file_.bytes();
  // The engine verifies every offset of the file here, so what is truncated ends here.
  model_ = OwnedModel(engine_.TfLiteModelCreateWithErrorReporter(bytes.data(), bytes.size(),
                                                                 &ErrorLog::report, &log),
                      engine_.TfLiteModelDelete);
  if (!model_)
    return Status::invalid(path_, "the engine can't read it: " + log.take("it is damaged"),
                           "fetch the file again");
  facts_ = read_facts(bytes);
  if (plan_.xnnpack && !free_inputs()) plan_.weights = PackedWeights::of(engine_, path_);
  EDGERT_RETURN_IF_ERROR(build_first());
  auto io = read_io(engine_, first_->get(), facts_);
  if (!io.ok()) return io.status().within(path_);
  io_ = std::move(io).value();
  return {};
}

// A graph that XNNPACK can't take whole may still run on the engine's own kernels.
Status TfliteModel::build_first() {
  auto made = interpreter();
  if (!made.ok() && plan_.weights) {
    plan_.weights.reset();
    made = interpreter();
  }
  if (!made.ok() && plan_.xnnpack) {
    plan_.xnnpack = false;
    auto plain = interpreter();
    if (plain.ok()) made = std::move(plain);
  }
  if (!made.ok()) return explain_missing_operator(made.status(), path_, facts_);
  first_ = std::move(made).value();
  return {};
}

// A new shape may want weights packed in another way, which a sealed cache can't take.
bool TfliteModel::free_inputs() const {
  return std::ranges::any_of(facts_.input_signatures, [](const std::optional<Shape>& shape) {
    return shape && !shape->is_static();
  });
}

Result<std::unique_ptr<OwnedInterpreter>> TfliteModel::shared_interpreter() const {
  const std::lock_guard lock(plan_.weights->building());
  EDGERT_ASSIGN_OR_RETURN(auto made, OwnedInterpreter::make(engine_, model_.get(), plan_));
  if (!plan_.weights->seal())
    return Status::engine("tflite", "the engine could not seal the packed weights");
  return made;
}

Result<std::unique_ptr<OwnedInterpreter>> TfliteModel::interpreter() const {
  if (plan_.weights) {
    auto shared = shared_interpreter();
    if (!shared.ok()) return shared.status().within(path_);
    return shared;
  }
  auto made = OwnedInterpreter::make(engine_, model_.get(), plan_);
  if (!made.ok()) return made.status().within(path_);
  return made;
}

Result<std::unique_ptr<Session>> TfliteModel::session() {
  std::unique_ptr<OwnedInterpreter> taken;
  {
    std::lock_guard lock(mutex_);
    taken = std::move(first_);
  }
  if (!taken) {
    EDGERT_ASSIGN_OR_RETURN(taken, interpreter());
  }
  return TfliteSession::make(shared_from_this(), std::move(taken));
}

}  // namespace edgert::tfl
