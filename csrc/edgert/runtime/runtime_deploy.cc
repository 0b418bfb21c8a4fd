// How one plan follows another while frames flow.
#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "edgert/plan/builder_names.h"
#include "edgert/runtime/runtime.h"
#include "edgert/runtime/runtime_limits.h"
#include "edgert/sched/thread_priority.h"

namespace edgert {
namespace {

constexpr int kCompilesNicer = 10;

Status refused(const std::string& what, const std::string& hint) {
  return Status::invalid("deploy", what, hint);
}

// Queues and accounts know applications by their places: those of the plan before keep theirs, also
// without pipelines. Returns the names of the latter.
std::set<std::string> keep_places(PlanSpec& next, const PlanSpec& before) {
  std::set<std::string> gone;
  std::vector<ApplicationSpec> placed;
  for (const ApplicationSpec& application : before.applications) {
    const int at = find_named(next.applications, application.name);
    placed.push_back(at < 0 ? application : next.applications[static_cast<std::size_t>(at)]);
    if (at < 0) gone.insert(application.name);
  }
  for (const ApplicationSpec& application : next.applications)
    if (find_named(before.applications, application.name) < 0) placed.push_back(application);
  next.applications = std::move(placed);
  return gone;
}

void make_views(Generation& generation) {
  Plan& plan = *generation.plan;
  for (std::size_t i = 0; i < plan.spec.sensors.size(); ++i) {
    auto view = std::make_unique<SensorView>();
    view->generation = &generation;
    view->plan = &plan;
    view->index = static_cast<int>(i);
    for (int index : plan.sensor_pipelines[i]) {
      const CompiledPipeline& pipeline = plan.pipelines[static_cast<std::size_t>(index)];
      PipelinePort* port =
          pipeline.feeds ? nullptr : generation.pipelines[static_cast<std::size_t>(index)].get();
      view->slots.push_back({&pipeline, port});
      if (port) view->read.push_back(view->slots.back());
    }
    generation.views.push_back(std::move(view));
  }
}

std::shared_ptr<const PipelineOutline> outline_of(const Plan& plan,
                                                  const CompiledPipeline& pipeline,
                                                  std::uint64_t generation) {
  auto outline = std::make_shared<PipelineOutline>();
  outline->name = pipeline.spec->name;
  outline->application = pipeline.spec->application;
  outline->sensor = plan.spec.sensors[static_cast<std::size_t>(pipeline.sensor)].name;
  outline->index = pipeline.index;
  outline->generation = generation;
  outline->on_miss = pipeline.spec->on_miss;
  for (const CompiledOutput& output : pipeline.outputs)
    outline->outputs.push_back({output.name, !output.path.empty()});
  return outline;
}

}  // namespace

// --- aside --------------------------------------------------------------------------------------

Status Runtime::fits(const PlanSpec& plan) const {
  const Plan& at_hand = *current_->plan;
  if (at_hand.pretence || clock_.is_virtual())
    return refused("a simulation has one plan", "make another one");
  if (!at_hand.spec.devices.empty() || !plan.devices.empty())
    return refused("plans with Device documents can't follow each other", "start a new runtime");
  if (trace_->on()) return refused("a trace is being taken", "stop the trace first");
  if (plan.applications.size() > ranker_.applications())
    return refused("more applications than this runtime has places for (" +
                       std::to_string(ranker_.applications()) + ", gone ones counted)",
                   "start a new runtime");
  if (at_hand.next_sensor_number + static_cast<int>(plan.sensors.size()) > kMostSensors)
    return refused("too many sensors came and went", "start a new runtime");
  return {};
}

Result<std::unique_ptr<Generation>> Runtime::prepare(PlanSpec spec) {
  const std::lock_guard locked(deploying_);
  const Nanos began = now();
  auto next = std::make_unique<Generation>();
  next->gone = keep_places(spec, current_->plan->spec);
  next->number = current_->number + 1;
  EDGERT_RETURN_IF_ERROR(fits(spec));
  Result<std::unique_ptr<Plan>> compiled = std::unique_ptr<Plan>();
  std::thread aside([&] {
    nice_this_thread(kCompilesNicer);
    compiled = compile_plan(std::move(spec), lanes_count_, nullptr, current_->plan.get());
  });
  aside.join();
  EDGERT_ASSIGN_OR_RETURN(next->plan, std::move(compiled));
  EDGERT_RETURN_IF_ERROR(seat(*next->plan));
  const std::lock_guard looked(at_hand_);
  deploys_.compiled = now() - began;
  return next;
}

Status Runtime::seat(Plan& plan) {
  bool all = true;
  const auto seat = [&](std::shared_ptr<const GroupSeat>& at, int queue, int instances) {
    if (!at) at = queues_[static_cast<std::size_t>(queue)]->seat(instances);
    all &= at != nullptr;
    return at ? at->group() : 0;
  };
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      for (Site& site : node.sites) {
        if (site.model)
          site.group = seat(site.model->seat, site.queue, site.model->instances);
        else if (node.instances > 0)
          site.group = seat(node.seat, site.queue, node.instances);
      }
    }
  }
  if (all) return {};
  return refused("more queues than this runtime has places for", "start a new runtime");
}

// --- over ---------------------------------------------------------------------------------------

std::shared_ptr<SensorPort> Runtime::port_for(const Plan& plan, std::size_t sensor) {
  const int number = plan.sensor_numbers[sensor];
  for (const auto& port : current_->sensors)
    if (port->number() == number) return port;
  auto port = std::make_shared<SensorPort>(plan.spec.sensors[sensor], number, admission_,
                                           static_cast<PortEvents&>(*this), clock_, *trace_);
  // Those that come later have no place there.
  if (current_->number == 1 && current_->sensors.empty()) port->share_through(share_.get());
  port->cache_in(cache_.get());
  return port;
}

std::vector<std::shared_ptr<PipelinePort>> Runtime::ports_for(const Generation& next) {
  std::unordered_multimap<std::string_view, const std::shared_ptr<PipelinePort>*> at_hand;
  at_hand.reserve(current_->pipelines.size());
  for (const auto& port : current_->pipelines) at_hand.emplace(port->full_name(), &port);
  std::vector<std::shared_ptr<PipelinePort>> ports;
  for (const PipelineSpec& pipeline : next.plan->spec.pipelines) {
    const auto& sensor = next.sensors[static_cast<std::size_t>(pipeline.sensor)];
    const auto [first, last] = at_hand.equal_range(pipeline.application + "/" + pipeline.name);
    const auto found = std::find_if(
        first, last, [&](const auto& each) { return (*each.second)->serves(pipeline, *sensor); });
    ports.push_back(found != last
                        ? *found->second
                        : std::make_shared<PipelinePort>(pipeline, sensor, clock_, *trace_));
  }
  return ports;
}

void Runtime::bind(Generation& next) {
  Plan& plan = *next.plan;
  plan.generation = &next;
  if (plan.has_choices()) executor_.weigh_all();
  std::vector<std::shared_ptr<SensorPort>> sensors;
  for (std::size_t i = 0; i < plan.spec.sensors.size(); ++i) sensors.push_back(port_for(plan, i));
  next.sensors = std::move(sensors);
  auto pipelines = ports_for(next);
  for (const auto& port : pipelines) port->be_in(next.number);
  next.pipelines = std::move(pipelines);
  for (CompiledPipeline& pipeline : plan.pipelines)
    if (!pipeline.feeds) pipeline.outline = outline_of(plan, pipeline, next.number);
  make_views(next);
}

void Runtime::go_over(Generation& next, const Generation* before) {
  for (const auto& sensor : next.sensors)
    sensors_by_number_[static_cast<std::size_t>(sensor->number())].store(sensor.get(),
                                                                         std::memory_order_release);
  for (std::size_t i = 0; i < next.sensors.size(); ++i) {
    next.hold();
    next.sensors[i]->take_over(next.views[i].get());
  }
  std::vector<SensorPort*> gone;
  for (std::size_t i = 0; before && i < before->sensors.size(); ++i)
    if (std::ranges::find(next.sensors, before->sensors[i]) == next.sensors.end())
      gone.push_back(before->sensors[i].get());
  for (SensorPort* sensor : gone) sensor->take_over(nullptr);
  // Whoever pumps a sensor now goes over at once; there is nothing to wake this thread.
  const auto await = [](const SensorPort& sensor, const SensorView* view) {
    while (!sensor.uses(view)) std::this_thread::sleep_for(std::chrono::microseconds(50));
  };
  for (std::size_t i = 0; i < next.sensors.size(); ++i)
    await(*next.sensors[i], next.views[i].get());
  for (SensorPort* sensor : gone) await(*sensor, nullptr);
}

// Where frames no longer come nobody waits for them.
void Runtime::end_histories(const Generation& before) {
  for (const auto& keeps : before.plan->keeps) {
    for (const CompiledNode* keep : keeps) {
      const bool goes_on = std::ranges::any_of(current_->plan->keeps, [&](const auto& others) {
        return std::ranges::any_of(
            others, [&](const CompiledNode* other) { return other->history == keep->history; });
      });
      if (goes_on) continue;
      keep->history->set_ended(true);
      executor_.meet(*keep->history);
    }
  }
}

Status Runtime::swap(std::unique_ptr<Generation> next) {
  const std::lock_guard locked(deploying_);
  if (next->number != current_->number + 1)
    return refused("another plan was deployed since this one was prepared", "prepare it again");
  const Nanos began = now();
  bind(*next);
  ranker_.set_shares(shares_of(next->plan->spec));
  aside_.grow(lanes_aside(*next->plan));
  std::unique_ptr<Generation> before;
  {
    const std::lock_guard looked(at_hand_);
    load_meter_.reset();
    before = std::exchange(current_, std::move(next));
    deploys_.generation = current_->number;
  }
  go_over(*current_, before.get());
  for (CompiledScope& scope : current_->plan->scopes)
    for (CompiledNode& node : scope.nodes) node.before = nullptr;
  end_histories(*before);
  for (std::size_t i = 0; i < current_->sensors.size(); ++i) {
    const bool over = current_->sensors[i]->finished();
    tell_joins(*current_, i, over);
    for (const SensorView::Slot& slot : current_->views[i]->read)
      if (over) slot.port->set_over();
  }
  retire(std::move(before));
  const std::lock_guard looked(at_hand_);
  deploys_.swapped = now() - began;
  return {};
}

Status Runtime::deploy(PlanSpec spec) {
  EDGERT_ASSIGN_OR_RETURN(auto next, prepare(std::move(spec)));
  return swap(std::move(next));
}

DeployCounts Runtime::deploys() const {
  const std::lock_guard looked(at_hand_);
  DeployCounts counts = deploys_;
  counts.draining = static_cast<int>(earlier_.size());
  return counts;
}

}  // namespace edgert
