#include "edgert/runtime/runtime.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <thread>

#include "edgert/base/process_memory.h"
#include "edgert/infer/dynamic_library.h"
#include "edgert/runtime/runtime_limits.h"

namespace edgert {
namespace {

// Where expiry may not stand above the lanes, lanes stand below it: answers at a deadline are few
// and short.
constexpr int kNicer = 5;

int core_count() {
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
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

// Deploys may bring more of them.
std::vector<ApplicationShare> room_for_more(std::vector<ApplicationShare> shares) {
  shares.resize(std::max(kMostApplications, 2 * shares.size()));
  return shares;
}

std::uint32_t most_groups(const Plan& plan) {
  return std::max<std::uint32_t>(
      kMostGroups, 4 * static_cast<std::uint32_t>(plan.places.size() + plan.models.size()));
}

// Also where no sensor has use for it yet: empty, it is small.
std::unique_ptr<ResultCache> cache_of(const RuntimeOptions& options) {
  return options.cache_bytes == 0 ? nullptr : std::make_unique<ResultCache>(options.cache_bytes);
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
  auto first = std::make_unique<Generation>();
  EDGERT_ASSIGN_OR_RETURN(
      first->plan,
      compile_plan(std::move(spec), lanes, options.pretend ? &options.pretend->data : nullptr));
  std::unique_ptr<ShareServer> share;
  if (!options.share.path.empty()) {
    EDGERT_ASSIGN_OR_RETURN(share, share_frames(options.share, first->plan->spec));
  }
  release_load_memory();
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(first), lanes, options, std::move(share)));
  EDGERT_RETURN_IF_ERROR(runtime->seat(*runtime->current_->plan));
  runtime->bind(*runtime->current_);
  runtime->go_over(*runtime->current_, nullptr);
  return runtime;
}

Runtime::Runtime(std::unique_ptr<Generation> first, int lanes, const RuntimeOptions& options,
                 std::unique_ptr<ShareServer> share)
    : clock_(*options.clock),
      lanes_count_(lanes),
      trace_(first->plan->trace),
      cache_(cache_of(options)),
      share_(std::move(share)),
      ranker_(room_for_more(shares_of(first->plan->spec)), options.order, options.ageing, clock_),
      scheduler_(lanes, ranker_, most_groups(*first->plan), executor_),
      aside_(lanes_aside(*first->plan), ranker_, most_groups(*first->plan), executor_,
             "edgert-aside"),
      executor_(clock_, *trace_, scheduler_, aside_, ranker_, *this, cache_.get()),
      queues_{&scheduler_, &aside_},
      admission_(ranker_),
      sensors_by_number_(new std::atomic<SensorPort*>[kMostSensors]()),
      current_(std::move(first)),
      expiry_([](void* self,
                 const Expiry::Entry& entry) { static_cast<Runtime*>(self)->expire(entry); },
              this, clock_) {
  current_->number = 1;
  current_->plan->clock = &clock_;
  make_devices(options);
}

Runtime::~Runtime() {
  stop(false, 0);
  reaping_.store(false, std::memory_order_seq_cst);
  retired_.notify_all();
  if (reaper_.joinable()) reaper_.join();
}

void Runtime::start() {
  if (running_) return;
  running_ = true;
  started_ = clock_.now();
  if (clock_.is_virtual()) return;
  scheduler_.start(expiry_.start() ? 0 : kNicer);
  aside_.start();
  for (auto& device : devices_) device->start();
}

// False: something is still under way at the deadline.
bool Runtime::drain(Nanos deadline) {
  while (!drained()) {
    if (now() >= deadline) return false;
    const EventCount::Ticket ticket = drained_.prepare();
    if (drained()) {
      drained_.cancel();
      return true;
    }
    drained_.wait(ticket, std::min(deadline, now() + 50 * kMillisecond));
  }
  return true;
}

// Everybody is answered: by the lanes, which begin nothing more, as soon as their runs have ended.
void Runtime::abandon() {
  constexpr Nanos kPatience = 10 * kSecond;  // of the runs at hand
  executor_.close();
  for (auto& sensor : current_->sensors) sensor->abandon();
  drain(now() + kPatience);
}

void Runtime::stop(bool drain, Nanos timeout) {
  for (auto& sensor : current_->sensors) sensor->close();
  if (running_ && drain && !clock_.is_virtual() && !this->drain(now() + timeout)) abandon();
  if (running_) {
    expiry_.stop();
    aside_.stop();
    scheduler_.stop();
    for (auto& device : devices_) device->stop();
    running_ = false;
  }
  const std::lock_guard locked(at_hand_);
  for (const auto& generation : earlier_)
    for (auto& pipeline : generation->pipelines) pipeline->set_over();
  for (auto& pipeline : current_->pipelines) pipeline->set_over();
}

Result<std::shared_ptr<SensorPort>> Runtime::shared_sensor(std::string_view name) {
  const std::lock_guard locked(at_hand_);
  for (const auto& sensor : current_->sensors)
    if (sensor->name() == name) return sensor;
  std::string known;
  for (const auto& sensor : current_->sensors)
    known += (known.empty() ? "" : ", ") + sensor->name();
  return Status(Code::kNotFound, "sensor '" + std::string(name) + "'", "is not in the plan",
                "known are: " + known);
}

Result<std::shared_ptr<PipelinePort>> Runtime::shared_pipeline(std::string_view full_name) {
  const std::lock_guard locked(at_hand_);
  for (const auto& pipeline : current_->pipelines)
    if (pipeline->full_name() == full_name) return pipeline;
  std::string known;
  for (const auto& pipeline : current_->pipelines)
    known += (known.empty() ? "" : ", ") + pipeline->full_name();
  return Status(Code::kNotFound, "pipeline '" + std::string(full_name) + "'", "is not in the plan",
                "known are: " + known);
}

Result<SensorPort*> Runtime::sensor(std::string_view name) {
  EDGERT_ASSIGN_OR_RETURN(const auto port, shared_sensor(name));
  return port.get();
}

Result<PipelinePort*> Runtime::pipeline(std::string_view full_name) {
  EDGERT_ASSIGN_OR_RETURN(const auto port, shared_pipeline(full_name));
  return port.get();
}

Status Runtime::reopen(std::string_view name) {
  EDGERT_ASSIGN_OR_RETURN(const auto port, shared_sensor(name));
  port->reopen();
  Generation& at_hand = hold_at_hand();
  for (std::size_t i = 0; i < at_hand.sensors.size(); ++i)
    if (at_hand.sensors[i] == port) tell_joins(at_hand, i, false);
  for (const auto& pipeline : at_hand.pipelines)
    if (&pipeline->sensor() == port.get()) pipeline->set_over(false);
  left(at_hand);
  return {};
}

bool Runtime::next(PipelinePort& pipeline, Answer& into, Nanos deadline) {
  if (!pipeline.next(into, deadline)) return false;
  pipeline.sensor().pump();
  return true;
}

void Runtime::detach_reader(PipelinePort& pipeline) {
  pipeline.detach_reader();
  pipeline.sensor().pump();
}

LoadMeter& Runtime::load_meter() {
  if (!load_meter_)
    load_meter_ = std::make_unique<LoadMeter>(LoadParts{current_.get(), &queues_, &clock_});
  return *load_meter_;
}

void Runtime::allow_batches(const std::vector<int>& items) {
  const std::lock_guard locked(at_hand_);
  const auto& models = current_->plan->models;
  for (std::size_t i = 0; i < std::min(items.size(), models.size()); ++i)
    for (const auto& host : models[i].hosts)
      if (host->batching) host->batching->allow(items[i]);
}

void Runtime::place(const std::vector<int>& sites) {
  const std::lock_guard locked(at_hand_);
  const Plan& plan = *current_->plan;
  std::vector<bool> moved(plan.models.size());
  for (std::size_t i = 0; i < std::min(sites.size(), plan.models.size()); ++i) {
    Whereabouts* const whereabouts = plan.models[i].whereabouts.get();
    if (!whereabouts || whereabouts->now() == sites[i]) continue;
    whereabouts->move(sites[i]);
    moved[i] = sites[i] >= 0;
  }
  // What is expected of its runs changes at once, where it is known.
  for (const CompiledScope& scope : plan.scopes) {
    for (const CompiledNode& node : scope.nodes) {
      if (!node.whereabouts || !moved[static_cast<std::size_t>(node.spec->model)]) continue;
      const auto site = static_cast<std::size_t>(sites[static_cast<std::size_t>(node.spec->model)]);
      if (node.sites[site].record->times.expected() > 0)
        node.times->go_on_as(node.sites[site].record->times);
    }
  }
}

void Runtime::admit(const std::vector<double>& shares) {
  const std::lock_guard locked(at_hand_);
  for (std::size_t i = 0; i < std::min(shares.size(), current_->pipelines.size()); ++i)
    current_->pipelines[i]->admit(shares[i]);
}

}  // namespace edgert
