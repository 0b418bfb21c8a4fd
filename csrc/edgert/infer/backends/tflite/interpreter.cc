#include "edgert/infer/backends/tflite/interpreter.h"

namespace edgert::tfl {

Result<std::unique_ptr<OwnedInterpreter>> OwnedInterpreter::make(const Engine& engine,
                                                                 const Model* model,
                                                                 const InterpreterPlan& plan) {
  std::unique_ptr<OwnedInterpreter> made(new OwnedInterpreter(engine));
  EDGERT_RETURN_IF_ERROR(made->build(model, plan));
  return made;
}

OwnedInterpreter::~OwnedInterpreter() {
  if (interpreter_) engine_.TfLiteInterpreterDelete(interpreter_);
}

Status OwnedInterpreter::build(const Model* model, const InterpreterPlan& plan) {
  // The plugin comes first: it takes what it can, XNNPACK what is left.
  if (plan.plugin) {
    EDGERT_ASSIGN_OR_RETURN(OwnedDelegate delegate, plan.plugin->make());
    delegates_.push_back(std::move(delegate));
  }
  weights_ = plan.weights;
  if (plan.xnnpack)
    if (auto delegate =
            make_xnnpack(engine_, plan.threads, weights_ ? weights_->handle() : nullptr))
      delegates_.push_back(std::move(delegate));

  std::unique_ptr<Options, void (*)(Options*)> options(engine_.TfLiteInterpreterOptionsCreate(),
                                                       engine_.TfLiteInterpreterOptionsDelete);
  engine_.TfLiteInterpreterOptionsSetNumThreads(options.get(), plan.threads);
  engine_.TfLiteInterpreterOptionsSetErrorReporter(options.get(), &ErrorLog::report, &log_);
  for (const OwnedDelegate& delegate : delegates_)
    engine_.TfLiteInterpreterOptionsAddDelegate(options.get(), delegate.get());
  interpreter_ = engine_.TfLiteInterpreterCreate(model, options.get());
  if (!interpreter_) return Status::engine("tflite", log_.take("the engine made no interpreter"));
  if (engine_.TfLiteInterpreterAllocateTensors(interpreter_) != kOk)
    return Status::engine("tflite", log_.take("the engine could not prepare the graph"));
  log_.take("");
  return {};
}

}  // namespace edgert::tfl
