#include "edgert/plan/batch_check.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "edgert/plan/batch_trial.h"

namespace edgert {
namespace {

constexpr int kRounds = 3;       // of each size; the middle one counts
constexpr double kApart = 1e-3;  // of the largest number

Trial trial_of(const Plan& plan, const CompiledNode& node, const ModelHost& host,
               std::size_t instance) {
  Session& session = *host.sessions[instance];
  return Trial(
      plan, node, host,
      [&session](std::span<const Tensor> inputs, std::span<Tensor> outputs) -> Result<Nanos> {
        const Nanos start = now();
        EDGERT_RETURN_IF_ERROR(session.run(inputs, outputs));
        return now() - start;
      });
}

// The other instances at work with batches of one size, as long as it lives: what fits the caches
// of a core alone may not fit when lanes share them.
class Neighbours {
 public:
  Neighbours(const std::vector<Trial>& trials, int size) {
    for (std::size_t i = 1; i < trials.size(); ++i)
      threads_.emplace_back([this, &trial = trials[i], size] {
        Nanos took = 0;
        while (!stop_.load(std::memory_order_relaxed) && trial.run(0, size, &took).ok()) {
        }
      });
  }
  ~Neighbours() {
    stop_.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads_) thread.join();
  }
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

// By size, what a run takes while the other instances do the same. Rounds go through all sizes in
// turn, so that a change of the machine's speed meets all alike.
Result<std::vector<std::pair<int, Nanos>>> measure(const Plan& plan, const CompiledNode& node,
                                                   const ModelHost& host) {
  const Batching& batching = *host.batching;
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < host.sessions.size(); ++i)
    trials.emplace_back(trial_of(plan, node, host, i));
  const std::vector<int> tried = batch_sizes(batching.refused().empty() ? batching.most() : 1);
  std::vector<std::array<Nanos, kRounds>> took(tried.size());
  for (std::size_t round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < tried.size(); ++i) {
      const Neighbours neighbours(trials, tried[i]);
      EDGERT_RETURN_IF_ERROR(trials[0].run(0, tried[i], &took[i][round]).status());
    }
  std::vector<std::pair<int, Nanos>> measured;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    std::ranges::sort(took[i]);
    measured.emplace_back(tried[i], took[i][kRounds / 2]);
  }
  return measured;
}

}  // namespace

Status try_batches(const Plan& plan, const CompiledNode& node, const ModelHost& host) {
  Batching& batching = *host.batching;
  const Trial trial = trial_of(plan, node, host, 0);
  Nanos took = 0;
  EDGERT_RETURN_IF_ERROR(trial.run(0, 1, &took).status());
  const auto all = trial.run(0, batching.most(), &took);
  if (!all.ok() && all.status().code() == Code::kInvalid) return all.status();
  if (!all.ok()) {
    batching.refuse("a run of " + std::to_string(batching.most()) +
                    " items failed: " + all.status().message());
    return {};
  }
  EDGERT_RETURN_IF_ERROR(compare_with_single(trial, batching, host.model->io(), *all, kApart));
  EDGERT_ASSIGN_OR_RETURN(const auto measured, measure(plan, node, host));
  batching.set_measured(measured);
  return {};
}

}  // namespace edgert
