// Random plans of null models: several sensors, shared models, conditions, regions, windows,
// and joins between the sensors.
#pragma once

#include <array>
#include <random>

#include "../cpp/plan_fixture.h"

namespace edgert::testing {

class RandomPlan : public TestPlan {
 public:
  explicit RandomPlan(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 3; ++i) add_application("a" + std::to_string(i));
    sensors = 1 + below(3);
    for (int i = 0; i < sensors; ++i) add_sensor(i);
  }

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool chance(double probability) {
    return std::uniform_real_distribution<>()(random_) < probability;
  }

  int sensors = 0;

 private:
  static constexpr int kColumns = 4;

  void add_application(const std::string& name) {
    ApplicationSpec spec;
    spec.name = name;
    spec.weight = 1 + below(5);
    spec.priority = below(4);
    if (chance(0.2)) spec.rate_limit = 20 + below(500);
    if (chance(0.2)) spec.queue_limit = 1 + below(5);
    if (chance(0.2)) spec.device_share = 0.05;
    spec.cache = static_cast<CacheShare>(below(3));
    must(builder.application(spec));
  }

  void add_sensor(int index) {
    const SensorOptions options{static_cast<InboxPolicy>(below(3)), 1 + below(6), 1 + below(8),
                                chance(0.5)};
    const ValueRef source = sensor("s" + std::to_string(index), options, kColumns);
    const ValueRef rows = this->rows(source);
    std::vector<ValueRef> in_root{rows};
    std::vector<ValueRef> bounded{rows};  // windows must know how long their input may be
    std::vector<ValueRef> in_rows;
    std::vector<int> gates;
    gathered_.clear();
    for (int i = 1 + below(5); i > 0; --i) {
      // Some are batched: with works of other sensors where the model is theirs, too.
      const bool batched = chance(0.4);
      in_root.push_back(run(batched ? some_batched() : some_model("1x4"), pick(in_root)));
      if (!batched) bounded.push_back(in_root.back());
    }
    for (int i = below(3); i > 0; --i) gates.push_back(some_gate(pick(in_root), gates));
    const ValueRef windows =
        transform("table.window", {{"size", std::int64_t{1 + below(3)}}, {"hop", std::int64_t{1}}},
                  {pick(bounded), source});
    const ValueRef keep = chance(0.3) ? run(some_model("?x4"), region(windows)) : pick(bounded);
    if (chance(0.5)) in_root.push_back(windows);
    for (int i = below(3); i > 0; --i) add_regions(pick_scores(in_root, windows), in_rows, in_root);
    for (const ValueRef& value : kept_)
      if (chance(0.4)) in_root.push_back(some_join(source, value));
    kept_.push_back(keep);
    for (int i = 1 + below(5); i > 0; --i) add_pipeline(index, in_root, in_rows, gates);
  }

  ValueRef pick_scores(const std::vector<ValueRef>& values, ValueRef windows) {
    for (;;) {
      const ValueRef value = pick(values);
      if (!(value == windows) && must(builder.tensor_spec(value))->shape.rank() == 2) return value;
    }
  }

  void add_regions(ValueRef scores, std::vector<ValueRef>& in_rows,
                   std::vector<ValueRef>& in_root) {
    const Params params{{"min_score", 0.5}, {"top", std::int64_t{kColumns}}};
    const ValueRef row = region(transform("answer.classes", params, {scores}));
    ValueRef inner = row;
    for (int i = 1 + below(2); i > 0; --i) inner = run(some_model("2"), inner);
    in_rows.push_back(inner);
    if (chance(0.4)) {  // rows within rows
      const ValueRef nested = region(
          transform("answer.classes", {{"min_score", 0.5}, {"top", std::int64_t{2}}}, {inner}));
      in_rows.push_back(run(some_model("2"), nested));
      if (chance(0.5)) in_rows.push_back(gather(in_rows.back(), false));
    }
    if (chance(0.6)) gathered_.push_back(gather(inner));
    if (!gathered_.empty() && chance(0.5)) in_root.push_back(gathered_.back());
  }

  ValueRef some_join(ValueRef frame, ValueRef value) {
    JoinOptions options;
    const std::array<const char*, 3> ways{"nearest", "latest", "interpolate"};
    options.by = ways[static_cast<std::size_t>(below(3))];
    options.tolerance_ms = 0.1 + below(50);
    options.wait_ms = below(4) == 0 ? 0 : 0.5 * below(20);
    options.clock = chance(0.5) ? "capture" : "media";
    return must(builder.join(frame, value, options));
  }

  int some_gate(ValueRef value, const std::vector<int>& gates) {
    GateOptions options;
    options.index = below(2);
    options.hold_ms = chance(0.3) ? 5 : 0;
    if (!gates.empty() && chance(0.5)) options.under = ValueRef{gates.back(), 0};
    return gate(value, 0.5, options);
  }

  int some_model(const std::string& shape) {
    const int time = below(5) == 0 ? 0 : below(200);
    const std::string verb = chance(0.5) ? "delay_us " : "work_us ";
    return model("m" + std::to_string(models_++), shape,
                 "echo\n" + verb + std::to_string(time) + "\n", below(3));
  }

  int some_batched() {
    if (!batched_.empty() && chance(0.7)) return pick(batched_);
    const char* const how[] = {"echo\n", "echo\ndelay_us 100\n", "echo\nmix\n",
                               "echo\nfail_on 3\n"};
    batched_.push_back(model("b" + std::to_string(models_++), chance(0.8) ? "?x4" : "6x4",
                             how[below(4)], 1 + below(2), 2 + below(5)));
    return batched_.back();
  }

  template <class T>
  T pick(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }

  // Results of models and transforms that may be old. What keeps state is refused.
  std::vector<ReuseRule> some_rules(const std::vector<ValueRef>& in_root) {
    std::vector<ReuseRule> rules;
    for (int i = chance(0.5) ? 1 + below(3) : 0; i > 0; --i) {
      ReuseRule rule;
      rule.value = pick(in_root);
      rule.max_age = (1 + below(20)) * kMillisecond;
      const auto cells = must(builder.tensor_spec(in_root[1]));
      if (chance(0.4) && cells->shape.rank() == 2 && cells->shape.is_static()) {
        rule.cells = in_root[1];
        rule.threshold = 0.1 * below(10);
      }
      rules.push_back(rule);
    }
    return rules;
  }

  void add_pipeline(int sensor, const std::vector<ValueRef>& in_root,
                    const std::vector<ValueRef>& in_rows, const std::vector<int>& gates) {
    PipelineSpec spec = pipeline_of("p" + std::to_string(pipelines_++), {}, sensor);
    for (int i = 1 + below(3); i > 0; --i) {
      const bool rows = !in_rows.empty() && chance(0.5);
      const int gate = gates.empty() || chance(0.5)
                           ? -1
                           : gates[static_cast<std::size_t>(below(static_cast<int>(gates.size())))];
      spec.outputs.push_back({"o" + std::to_string(i), pick(rows ? in_rows : in_root), gate});
    }
    spec.application = "a" + std::to_string(below(3));
    spec.every = chance(0.3) ? 2 + below(3) : 1;
    spec.latency = chance(0.5) ? (1 + below(20)) * kMillisecond / 10 : 0;
    spec.on_miss = static_cast<OnMiss>(below(3));
    spec.queue = 1 + below(8);
    spec.when_full = chance(0.5) ? WhenFull::kBlock : WhenFull::kDropOldest;
    // Some rules are refused, and then they leave nothing behind.
    if (!builder.pipeline(spec, some_rules(in_root)).ok()) add(spec);
  }

  std::mt19937_64 random_;
  std::vector<ValueRef> gathered_, kept_;
  std::vector<int> batched_;
  int models_ = 0, pipelines_ = 0;
};

}  // namespace edgert::testing
