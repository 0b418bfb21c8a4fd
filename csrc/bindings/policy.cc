#include "bindings/policy.h"

#include <pybind11/stl.h>

#include <cmath>
#include <memory>

#include "bindings/gil.h"
#include "bindings/status_cast.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

constexpr double kLargestOffset = 1e7;  // ms: hours, far from where ranks would overflow

void require(bool right, const std::string& what, const std::string& hint) {
  if (!right) raise(Status::invalid("table", what, hint));
}

std::vector<Nanos> to_offsets(const char* of, const std::vector<double>& given, std::size_t count) {
  require(given.size() == count,
          "has " + std::to_string(given.size()) + " offsets of " + of + ", of " +
              std::to_string(count) + " there are",
          "give one of each");
  std::vector<Nanos> offsets;
  for (double one : given) {
    require(std::isfinite(one) && std::abs(one) <= kLargestOffset,
            std::string("has an offset of ") + of + " of " + std::to_string(one) + " ms",
            "give numbers of -1e7 to 1e7");
    offsets.push_back(std::llround(one * kMillisecond));
  }
  return offsets;
}

// By the numbers that the queues have in a table; those of the lanes apart have none.
std::vector<Nanos> by_group(LoadMeter& meter, const std::vector<Nanos>& queues) {
  std::vector<Nanos> groups;
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const QueueOutline& outline = meter.queues()[i];
    if (outline.aside) continue;
    for (const Site& site : outline.sites()) {
      const std::size_t place = meter.place_of(site);
      if (groups.size() <= place) groups.resize(place + 1);
      groups[place] = queues[i];
    }
  }
  return groups;
}

std::string orders() {
  std::string names;
  for (const auto& [name, order] : kOrders)
    names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace

Order to_order(const std::string& name) {
  const auto order = order_from_name(name);
  if (!order)
    raise(Status::invalid("order", "'" + name + "' is unknown", "known are: " + orders()));
  return *order;
}

py::bytes load_record(Runtime& runtime) {
  const std::vector<double>* record = nullptr;
  {
    const Unlocked unlocked;
    record = &runtime.load_meter().look(runtime.uptime());
  }
  return {reinterpret_cast<const char*>(record->data()), record->size() * sizeof(double)};
}

py::list queue_outlines(Runtime& runtime) {
  py::list queues;
  for (const QueueOutline& queue : runtime.load_meter().queues())
    queues.append(
        py::dict("model"_a = queue.model, "aside"_a = queue.aside, "nodes"_a = queue.nodes));
  return queues;
}

void steer(Runtime& runtime, const std::string& base, const std::vector<double>& applications,
           const std::vector<double>& pipelines, const std::vector<double>& queues) {
  const PlanSpec& spec = runtime.plan().spec;
  LoadMeter& meter = runtime.load_meter();
  auto table = std::make_unique<RankTable>();
  table->base = to_order(base);
  // Turns of fair shares are no times that could be shifted.
  require(table->base != Order::kTable && table->base != Order::kFair,
          "'" + base + "' takes no offsets", "give another order, or no offsets");
  table->applications = to_offsets("applications", applications, spec.applications.size());
  table->pipelines = to_offsets("pipelines", pipelines, spec.pipelines.size());
  table->groups = by_group(meter, to_offsets("queues", queues, meter.queues().size()));
  runtime.ranker().set_table(std::move(table));
  runtime.ranker().set_order(Order::kTable);
}

void keep_free(Runtime& runtime, int lanes, double longer_ms, const std::vector<bool>& queues) {
  require(lanes >= 0, "keeps " + std::to_string(lanes) + " lanes free", "give 0 or more");
  require(longer_ms >= 0, "keeps lanes free of runs of " + std::to_string(longer_ms) + " ms",
          "give 0 or more");
  KeepFree what;
  what.lanes = lanes;
  if (longer_ms < kLargestOffset) what.longer_than = std::llround(longer_ms * kMillisecond);
  if (!queues.empty()) {
    LoadMeter& meter = runtime.load_meter();
    require(queues.size() == meter.queues().size(),
            "names " + std::to_string(queues.size()) + " queues", "give one flag a queue");
    const std::vector<Nanos> limited(queues.begin(), queues.end());
    for (const Nanos flag : by_group(meter, limited)) what.groups.push_back(flag != 0);
  }
  runtime.keep_free(what);
}

void allow_batches(Runtime& runtime, const std::vector<int>& items) {
  const std::vector<ModelSpec>& models = runtime.plan().spec.models;
  const std::vector<QueueOutline>& queues = runtime.load_meter().queues();
  require(items.size() == queues.size(), "has " + std::to_string(items.size()) + " batches",
          "give one a queue");
  std::vector<int> by_model(models.size(), 1);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const int model = queues[i].model;
    const int most = model < 0 ? 1 : models[static_cast<std::size_t>(model)].batch;
    require(items[i] >= 1 && items[i] <= most, "has a batch of " + std::to_string(items[i]),
            "give 1 to " + std::to_string(most) + ", as the model's document");
    if (model >= 0) by_model[static_cast<std::size_t>(model)] = items[i];
  }
  runtime.allow_batches(by_model);
}

void place_models(Runtime& runtime, const std::vector<int>& sites) {
  const std::vector<ModelSpec>& models = runtime.plan().spec.models;
  const std::vector<QueueOutline>& queues = runtime.load_meter().queues();
  require(sites.size() == queues.size(), "has " + std::to_string(sites.size()) + " places",
          "give one a queue");
  std::vector<int> by_model(models.size(), 0);
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const int model = queues[i].model;
    const auto most =
        model < 0 ? 1 : static_cast<int>(models[static_cast<std::size_t>(model)].devices.size());
    require(sites[i] >= (most > 1 ? Whereabouts::kSoonest : 0) && sites[i] < most,
            "has a place of " + std::to_string(sites[i]),
            "give the index of one of its devices, or of several -1: where a run ends first");
    if (model >= 0) by_model[static_cast<std::size_t>(model)] = sites[i];
  }
  runtime.place(by_model);
}

void admit_shares(Runtime& runtime, const std::vector<double>& shares) {
  require(shares.size() == runtime.plan().spec.pipelines.size(),
          "has " + std::to_string(shares.size()) + " shares", "give one a pipeline");
  for (double share : shares)
    require(share >= 0 && share <= 1, "has a share of " + std::to_string(share), "give 0 to 1");
  runtime.admit(shares);
}

}  // namespace edgert::python
