#include "edgert/runtime/runtime.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <thread>

#include "edgert/base/process_memory.h"
#include "edgert/infer/dynamic_library.h"

namespace edgert {
namespace {

// Where expiry may not stand above the lanes, lanes stand below it: answers at a deadline are few
// and short.
constexpr int kNicer = 5;
constexpr int kMostAside = 16;  // lanes for nodes that wait outside the core; they mostly sleep

int core_count() {
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

template <class T>
std::string names_of(const std::vector<T>& ports, std::string (*name)(const T&)) {
  std::string out;
  for (const T& port : ports) out += (out.empty() ? "" : ", ") + name(port);
  return out;
}

Result<std::unique_ptr<ShareServer>> share_frames(ShareOptions options, const PlanSpec& plan) {
  std::vector<std::string> names;
  std::size_t largest = 0;
  for (const SensorSpec& sensor : plan.sensors) {
    names.push_back(sensor.name);
    largest = std::max(largest, largest_frame(sensor.format));
  }
  if (options.slot_bytes == 0) options.slot_bytes = largest;
  return ShareServer::create(options, std::move(names));
}

std::vector<ApplicationShare> shares_of(const PlanSpec& plan) {
  std::vector<ApplicationShare> shares;
  for (const ApplicationSpec& application : plan.applications)
    shares.push_back({application.weight, application.priority});
  return shares;
}

std::unique_ptr<ResultCache> cache_of(const PlanSpec& plan, const RuntimeOptions& options) {
  if (options.cache_bytes == 0 || std::ranges::none_of(plan.sensors, &SensorSpec::cache))
    return nullptr;
  return std::make_unique<ResultCache>(options.cache_bytes);
}

// Loading takes more memory than running: engines parse models in heap that glibc would keep, and
// touch code that they never run again.
void release_load_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  DynamicLibrary::release_idle_pages(process_is_dedicated() ? DynamicLibrary::Which::kAll
                                                            : DynamicLibrary::Which::kOpenedHere);
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::create(PlanSpec spec, const RuntimeOptions& options) {
  if (options.lanes < 0 || options.lanes > 64)
    return Status::invalid("runtime", "lanes must be 0 (one a core) to 64");
  const int lanes = options.lanes > 0 ? options.lanes : std::min(core_count(), 64);
  EDGERT_ASSIGN_OR_RETURN(
      auto plan,
      compile_plan(std::move(spec), lanes, options.pretend ? &options.pretend->data : nullptr));
  std::unique_ptr<ShareServer> share;
  if (!options.share.path.empty()) {
    EDGERT_ASSIGN_OR_RETURN(share, share_frames(options.share, plan->spec));
  }
  release_load_memory();
  return std::unique_ptr<Runtime>(new Runtime(std::move(plan), lanes, options, std::move(share)));
}

Runtime::Runtime(std::unique_ptr<Plan> plan, int lanes, const RuntimeOptions& options,
                 std::unique_ptr<ShareServer> share)
    : plan_(std::move(plan)),
      cache_(cache_of(plan_->spec, options)),
      share_(std::move(share)),
      ranker_(shares_of(plan_->spec), options.order, options.ageing, *options.clock),
      scheduler_(lanes, ranker_, static_cast<std::uint32_t>(plan_->group_instances.size()),
                 executor_),
      aside_(std::min(static_cast<int>(plan_->aside_instances.size()), kMostAside), ranker_,
             static_cast<std::uint32_t>(plan_->aside_instances.size()), executor_, "edgert-aside"),
      executor_(*plan_, scheduler_, aside_, ranker_, *this, cache_.get()),
      queues_{&scheduler_, &aside_},
      admission_(*plan_, ranker_),
      expiry_([](void* self,
                 const Expiry::Entry& entry) { static_cast<Runtime*>(self)->expire(entry); },
              this, *options.clock) {
  plan_->clock = options.clock;
  for (int instances : plan_->group_instances) scheduler_.add_group(instances);
  for (int instances : plan_->aside_instances) aside_.add_group(instances);
  make_devices(options);
  for (const CompiledPipeline& pipeline : plan_->pipelines)
    if (!pipeline.feeds) pipelines_.push_back(std::make_unique<PipelinePort>(pipeline, *plan_));
  for (std::size_t i = 0; i < plan_->spec.sensors.size(); ++i) {
    std::vector<PipelinePort*> of_sensor;
    for (int index : plan_->sensor_pipelines[i])
      of_sensor.push_back(plan_->pipelines[static_cast<std::size_t>(index)].feeds
                              ? nullptr
                              : pipelines_[static_cast<std::size_t>(index)].get());
    sensors_.push_back(std::make_unique<SensorPort>(static_cast<int>(i), *plan_,
                                                    std::move(of_sensor), admission_,
                                                    static_cast<PortEvents&>(*this)));
    sensors_.back()->share_through(share_.get());
    sensors_.back()->cache_in(cache_.get());
  }
}

Runtime::~Runtime() {
  stop(false, 0);
}

void Runtime::start() {
  if (running_) return;
  running_ = true;
  started_ = plan_->clock->now();
  if (plan_->clock->is_virtual()) return;
  scheduler_.start(expiry_.start() ? 0 : kNicer);
  aside_.start();
  for (auto& device : devices_) device->start();
}

void Runtime::stop(bool drain, Nanos timeout) {
  for (auto& sensor : sensors_) sensor->close();
  if (running_ && drain && !plan_->clock->is_virtual()) {
    const Nanos deadline = now() + timeout;
    while (!drained() && now() < deadline) {
      const EventCount::Ticket ticket = drained_.prepare();
      if (drained()) {
        drained_.cancel();
        break;
      }
      drained_.wait(ticket, std::min(deadline, now() + 50 * kMillisecond));
    }
  }
  if (running_) {
    expiry_.stop();
    aside_.stop();
    scheduler_.stop();
    for (auto& device : devices_) device->stop();
    running_ = false;
  }
  for (auto& pipeline : pipelines_) pipeline->set_over();
}

Result<SensorPort*> Runtime::sensor(std::string_view name) {
  for (auto& sensor : sensors_)
    if (sensor->name() == name) return sensor.get();
  return Status(Code::kNotFound, "sensor '" + std::string(name) + "'", "is not in the plan",
                "known are: " + names_of<std::unique_ptr<SensorPort>>(
                                    sensors_, [](const auto& s) { return s->name(); }));
}

Status Runtime::reopen(std::string_view name) {
  EDGERT_ASSIGN_OR_RETURN(SensorPort * port, sensor(name));
  port->reopen();
  for (std::size_t i = 0; i < sensors_.size(); ++i)
    if (sensors_[i].get() == port) tell_joins(i, false);
  for (const auto& pipeline : pipelines_)
    if (sensors_[static_cast<std::size_t>(pipeline->pipeline().spec->sensor)].get() == port)
      pipeline->set_over(false);
  return {};
}

Result<PipelinePort*> Runtime::pipeline(std::string_view full_name) {
  for (auto& pipeline : pipelines_)
    if (pipeline->full_name() == full_name) return pipeline.get();
  return Status(Code::kNotFound, "pipeline '" + std::string(full_name) + "'", "is not in the plan",
                "known are: " + names_of<std::unique_ptr<PipelinePort>>(
                                    pipelines_, [](const auto& p) { return p->full_name(); }));
}

bool Runtime::next(PipelinePort& pipeline, Answer& into, Nanos deadline) {
  if (!pipeline.next(into, deadline)) return false;
  sensors_[static_cast<std::size_t>(pipeline.pipeline().spec->sensor)]->pump();
  return true;
}

void Runtime::detach_reader(PipelinePort& pipeline) {
  pipeline.detach_reader();
  sensors_[static_cast<std::size_t>(pipeline.pipeline().spec->sensor)]->pump();
}

PipelinePort& Runtime::port_of(const Activation& root, int slot) {
  const auto sensor = static_cast<std::size_t>(root.scope->sensor);
  return *pipelines_[static_cast<std::size_t>(
      plan_->sensor_pipelines[sensor][static_cast<std::size_t>(slot)])];
}

// Its bounds are watched only once it started: they may pass at once. It may have ended by then,
// which its number tells, but its place is used again only by the thread that is here.
void Runtime::admit(Activation& root) {
  executor_.start(root);
  for (std::size_t slot = 0;
       slot < plan_->sensor_pipelines[static_cast<std::size_t>(root.scope->sensor)].size();
       ++slot) {
    const PipelineWait& wait = root.pipelines[slot];
    if (wait.due && wait.deadline != kNever &&
        port_of(root, static_cast<int>(slot)).pipeline().spec->on_miss != OnMiss::kLate)
      expiry_.add({wait.deadline, &root, root.number, static_cast<int>(slot)});
  }
}

// Who makes the step from unanswered to answered delivers; the root cannot end before that, since
// each due pipeline holds it until it was answered.
bool Runtime::answer(Activation& root, int slot, std::uint64_t number, Status status) {
  PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  std::uint64_t unanswered = 2 * number;
  if (!wait.answer.compare_exchange_strong(unanswered, unanswered + 1, std::memory_order_acq_rel))
    return false;
  const int index = plan_->sensor_pipelines[static_cast<std::size_t>(root.scope->sensor)]
                                           [static_cast<std::size_t>(slot)];
  if (plan_->pipelines[static_cast<std::size_t>(index)].feeds) return true;  // nobody is told
  PipelinePort& port = port_of(root, slot);
  port.deliver(root, std::move(status));
  admission_.answered(port.pipeline());
  return true;
}

// Where a late answer is kept for later results, expiry and work both need the root: who is done
// with it last lets it go.
void Runtime::release(Activation& root, int slot) {
  PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  if (wait.parts.fetch_sub(1, std::memory_order_acq_rel) == 1) executor_.answered(root, slot);
}

void Runtime::pipeline_ready(Activation& root, int slot) {
  const bool first = answer(root, slot, root.number, {});
  if (first) return executor_.answered(root, slot);
  PipelinePort& port = port_of(root, slot);
  if (port.pipeline().spec->on_miss != OnMiss::kLast) return;
  port.remember(root);
  release(root, slot);
}

// The entry may be of an activation that ended long ago: then its number differs.
void Runtime::expire(const Expiry::Entry& entry) {
  if (entry.history) {
    entry.history->timer_fired();
    return executor_.meet(*entry.history);
  }
  if (!answer(*entry.root, entry.slot, entry.number, Status::deadline())) return;
  if (port_of(*entry.root, entry.slot).pipeline().spec->on_miss == OnMiss::kLast)
    release(*entry.root, entry.slot);
  else
    executor_.answered(*entry.root, entry.slot);
}

void Runtime::retired(Activation& root) {
  sensors_[static_cast<std::size_t>(root.scope->sensor)]->retire(root);
  drained_.notify_all();
}

void Runtime::ended() {
  for (std::size_t i = 0; i < sensors_.size(); ++i) {
    if (!sensors_[i]->finished()) continue;
    tell_joins(i, true);
    for (int index : plan_->sensor_pipelines[i])
      if (!plan_->pipelines[static_cast<std::size_t>(index)].feeds)
        pipelines_[static_cast<std::size_t>(index)]->set_over();
  }
}

LoadMeter& Runtime::load_meter() {
  if (!load_meter_)
    load_meter_ = std::make_unique<LoadMeter>(
        LoadParts{plan_.get(), &queues_, &pipelines_, &sensors_, &admission_});
  return *load_meter_;
}

void Runtime::allow_batches(const std::vector<int>& items) {
  for (std::size_t i = 0; i < std::min(items.size(), plan_->models.size()); ++i)
    if (plan_->models[i]->batching) plan_->models[i]->batching->allow(items[i]);
}

void Runtime::admit(const std::vector<double>& shares) {
  for (std::size_t i = 0; i < std::min(shares.size(), pipelines_.size()); ++i)
    pipelines_[i]->admit(shares[i]);
}

}  // namespace edgert
