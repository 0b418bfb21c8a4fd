#include "edgert/plan/recall.h"

#include "edgert/plan/activation.h"
#include "edgert/plan/scene_recall.h"

namespace edgert {
namespace {

constexpr int kPlaceBits = 8, kLocalBits = 16;
static_assert(kMostRoots <= 1u << (kPlaceBits - 1));

// Takes what is not older than `max_age`, in the stream's own time.
class AgeRecall final : public Recall {
 public:
  AgeRecall(Nanos max_age, CompiledScope& scope, CompiledNode& target)
      : max_age_(max_age), scope_(scope), target_(target) {}

  Answer ask(Execution& asking) override {
    const std::uint64_t number = take_last(target_, asking);
    if (number && serves(asking)) return Answer::kUse;
    const Flight flight = flight_of(scope_, target_, asking.activation->root->number);
    if (!flight.execution || flight.number <= number || !in_time(asking, flight.time))
      return Answer::kCompute;
    if (attach(flight, asking)) return Answer::kWait;
    // It ended just now.
    return take_last(target_, asking) && serves(asking) ? Answer::kUse : Answer::kCompute;
  }
  bool serves(const Execution& asking) const override { return in_time(asking, asking.of_time); }

 private:
  bool in_time(const Execution& asking, Nanos time) const {
    return is_within(asking, time, max_age_);
  }

  Nanos max_age_;
  CompiledScope& scope_;
  CompiledNode& target_;
};

}  // namespace

std::uint64_t take_last(CompiledNode& target, Execution& asking) {
  return target.last->give([&](const KeptOutputs& kept) {
    asking.outputs = kept.outputs;
    asking.of_time = kept.time;
  });
}

bool is_within(const Execution& asking, Nanos time, Nanos max_age) {
  const Nanos now = asking.activation->root->frame->media_time;
  return time <= now && now - time <= max_age;
}

Result<std::unique_ptr<Recall>> make_recall(const NodeSpec& spec, CompiledScope& scope,
                                            CompiledNode& target) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t max_age, spec.params.integer("max_age_ns", 0));
  if (max_age <= 0) return Status::invalid("max_age_ns", "must be above 0");
  if (spec.inputs.empty()) return std::unique_ptr<Recall>(new AgeRecall(max_age, scope, target));
  return make_scene_recall(spec, max_age, scope, target);
}

Flight flight_of(CompiledScope& scope, CompiledNode& target, std::uint64_t number) {
  // Acquire: pairs with its announcing, so that the activation is there.
  const std::uint64_t packed = target.flight->load(std::memory_order_acquire);
  const std::uint64_t of = packed >> kPlaceBits;
  if (of == 0 || of >= number) return {};
  const auto place = static_cast<std::uint32_t>(packed & ((1u << kPlaceBits) - 1));
  Execution& execution = scope.pool->at(place)->at(target.local);
  // Relaxed: it may be a later activation's; then attaching fails.
  return {&execution, of, execution.flight_time.load(std::memory_order_relaxed)};
}

bool attach(const Flight& flight, Execution& asking) {
  const std::uint32_t who = (asking.activation->pool_index << kLocalBits |
                             static_cast<std::uint32_t>(asking.node->local)) +
                            1;
  return flight.execution->attachments.attach(flight.number, who, asking.attached_following);
}

Execution& attached(CompiledScope& scope, std::uint32_t who) {
  const std::uint32_t place = (who - 1) >> kLocalBits, local = (who - 1) & ((1u << kLocalBits) - 1);
  return scope.pool->at(place)->at(static_cast<int>(local));
}

void announce(const Execution& execution) {
  const Activation& root = *execution.activation;
  const std::uint64_t packed = root.number << kPlaceBits | root.pool_index;
  std::atomic<std::uint64_t>& flight = *execution.node->flight;
  std::uint64_t latest = flight.load(std::memory_order_relaxed);
  // Release: who reads it finds the activation as it was when this was announced, or later.
  while (latest < packed && !flight.compare_exchange_weak(latest, packed, std::memory_order_release,
                                                          std::memory_order_relaxed)) {
  }
}

}  // namespace edgert
