#include "plan_run.h"

#include <cstdio>

#include "print.h"

namespace {

// Reads one pipeline's results until its sensor has finished.
void print_results(edgert::Runtime& runtime, edgert::PipelinePort& pipeline, std::mutex& output) {
  edgert::Answer answer;
  while (runtime.next(pipeline, answer, edgert::kNever)) {
    const std::string line = to_json(answer);
    std::lock_guard lock(output);
    std::printf("%s\n", line.c_str());
  }
}

}  // namespace

int refuse(const edgert::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 1;
}

edgert::Result<PlanRun> PlanRun::open(const std::string& plan_file, std::string sensor) {
  auto plan = edgert::load_plan(plan_file);
  if (!plan.ok()) return plan.status();
  if (plan->sensors.empty())
    return edgert::Status::invalid(plan_file, "has no sensor", "compile a pipeline");
  if (sensor.empty()) sensor = plan->sensors[0].name;
  auto created = edgert::Runtime::create(std::move(plan).value(), {});
  if (!created.ok()) return created.status();
  PlanRun made;
  made.runtime_ = std::move(created).value();
  auto port = made.runtime_->sensor(sensor);
  if (!port.ok()) return port.status();
  made.sensor_ = *port;
  return made;
}

void PlanRun::start() {
  const edgert::Plan& plan = runtime_->plan();
  for (const edgert::CompiledPipeline& compiled : plan.pipelines) {
    const auto of = static_cast<std::size_t>(compiled.spec->sensor);
    if (plan.spec.sensors[of].name != sensor_->name()) continue;
    edgert::PipelinePort* pipeline =
        *runtime_->pipeline(compiled.spec->application + "/" + compiled.spec->name);
    pipeline->attach_reader();  // before the start: from now on no result is dropped
    readers_.emplace_back([runtime = runtime_.get(), pipeline, output = output_.get()] {
      print_results(*runtime, *pipeline, *output);
    });
  }
  runtime_->start();
}

void PlanRun::finish() {
  for (std::thread& reader : readers_) reader.join();
  readers_.clear();
  runtime_->stop();
}
