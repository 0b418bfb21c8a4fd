#include "edgert/runtime/simulation.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace edgert {
namespace {

// What pictures of simulated sensors point at; nobody looks at it.
constexpr std::uint8_t kNoPixel = 0;
constexpr int kUsualWidth = 640, kUsualHeight = 480;

// As many samples as come in a period.
std::int64_t samples_in(double rate, int most, Nanos period) {
  const auto count =
      static_cast<std::int64_t>(std::llround(rate * static_cast<double>(period) / 1e9));
  return std::clamp<std::int64_t>(count, 1, most > 0 ? most : INT32_MAX);
}

Tensor samples_of(const FrameFormat& format, Nanos period) {
  Tensor samples;
  if (format.kind == FrameKind::kAudio)
    samples = allocate_tensor(
        format.audio.dtype,
        {samples_in(format.audio.rate, format.audio.max_chunk, period), format.audio.channels});
  if (format.kind == FrameKind::kTable)
    samples = allocate_tensor(DType::kFloat32,
                              {samples_in(format.table.rate, format.table.max_rows, period),
                               static_cast<std::int64_t>(format.table.columns.size())});
  if (samples) std::memset(samples.bytes_data(), 0, samples.bytes());
  return samples;
}

void fill_frame(Frame& frame, const FrameFormat& format, const Tensor& samples) {
  frame.kind = format.kind;
  frame.audio = format.audio;
  frame.samples = samples;
  if (format.kind != FrameKind::kImage) return;
  frame.image = format.image;
  if (frame.image.width < 1) frame.image.width = kUsualWidth;
  if (frame.image.height < 1) frame.image.height = kUsualHeight;
  frame.planes[0] = {&kNoPixel, 0, frame.image.width, frame.image.height};
  frame.plane_count = 1;
}

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::create(PlanSpec plan,
                                                       const SimulationOptions& options) {
  std::unique_ptr<Simulation> simulation(new Simulation(options));
  RuntimeOptions wanted;
  wanted.lanes = options.lanes;
  wanted.order = options.order;
  wanted.ageing = options.ageing;
  wanted.clock = &simulation->clock_;
  wanted.pretend = &simulation->options_.pretend;
  wanted.seed = options.seed;
  if (options.lanes < 1)
    return Status::invalid("simulation", "lanes must be 1 to 64", "say how many the box has");
  EDGERT_ASSIGN_OR_RETURN(simulation->runtime_, Runtime::create(std::move(plan), wanted));
  for (const ArrivalSpec& spec : options.arrivals)
    EDGERT_RETURN_IF_ERROR(simulation->add_source(spec));
  for (const auto& pipeline : simulation->runtime_->plan().spec.pipelines) {
    auto port = simulation->runtime_->pipeline(pipeline.application + "/" + pipeline.name);
    simulation->add_latency(*port.value());
  }
  simulation->runtime_->start();
  return simulation;
}

Status Simulation::add_source(const ArrivalSpec& spec) {
  const auto& sensors = runtime_->plan().spec.sensors;
  if (spec.sensor < 0 || static_cast<std::size_t>(spec.sensor) >= sensors.size())
    return Status::invalid("simulation", "an arrival's sensor is not in the plan");
  const SensorSpec& sensor = sensors[static_cast<std::size_t>(spec.sensor)];
  const std::string where = "arrivals of '" + sensor.name + "'";
  if (spec.period < 1) return Status::invalid(where, "have no period", "say how often frames come");
  if (spec.jitter < 0 || spec.jitter > 1)
    return Status::invalid(where, "jitter must be 0 to 1", "give it as a part of the period");
  if (spec.burst < 1 || spec.within < 0 || spec.decode < 0 || spec.work < 0)
    return Status::invalid(where, "have a burst below 1 or a time below 0");
  EDGERT_ASSIGN_OR_RETURN(SensorPort * port, runtime_->sensor(sensor.name));
  sources_.push_back(
      {Arrivals(spec, kStart, options_.seed), port, samples_of(sensor.format, spec.period)});
  return {};
}

void Simulation::add_latency(PipelinePort& port) {
  latencies_.push_back(std::make_unique<FineHistogram>());
  port.set_callback([histogram = latencies_.back().get()](const Answer& answer) {
    if (answer.outcome == Outcome::kOk || answer.outcome == Outcome::kLate)
      histogram->record(answer.stages.total);
  });
}

void Simulation::forget() {
  for (auto& latency : latencies_) latency->clear();
}

Nanos Simulation::next_arrival() const {
  Nanos next = kNever;
  for (const Source& source : sources_)
    if (!source.waiting) next = std::min(next, source.arrivals.next());
  return next;
}

// True: something was pushed, or ended.
bool Simulation::push_due(Nanos time) {
  bool any = false;
  for (Source& source : sources_) {
    while (source.arrivals.next() <= time) {
      source.waiting = source.port->would_block();
      if (source.waiting) break;
      push(source, time);
      any = true;
    }
    if (source.arrivals.next() == kNever && !source.ended) {
      source.ended = any = true;
      source.port->finish();
    }
  }
  return any;
}

void Simulation::push(Source& source, Nanos time) {
  const ArrivalSpec& spec = source.arrivals.spec();
  source.arrivals.advance(time);
  FrameRef frame = source.port->blank();
  if (!frame) return;  // thousands are held: the sensor's own count shows it
  fill_frame(*frame, source.port->format(), source.samples);
  frame->decode = spec.decode;
  frame->capture = time - spec.decode;
  frame->media_time = frame->capture - kStart;
  (void)source.port->push(std::move(frame), 0);  // refused ones are counted by the port
  if (spec.work > 0) runtime_->interrupt(spec.work);
}

void Simulation::run(Nanos duration) {
  const Nanos until = clock_.now() + duration;
  for (;;) {
    const Nanos next = std::min(next_arrival(), runtime_->next_event());
    if (next > until) break;
    clock_.set(std::max(clock_.now(), next));
    runtime_->work();
    if (push_due(clock_.now())) runtime_->work();
  }
  clock_.set(until);
}

}  // namespace edgert
