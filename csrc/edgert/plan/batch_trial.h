// Items of made-up numbers for a model, and how runs of some of them compare.
#pragma once

#include <functional>
#include <random>

#include "edgert/plan/compiled.h"

namespace edgert {

// One run of some items, and what it needs.
class Trial {
 public:
  // Runs the model; empty outputs are for it to set. What it took.
  using Run = std::function<Result<Nanos>(std::span<const Tensor>, std::span<Tensor>)>;

  // Of the items that `node` brings to `host`.
  Trial(const Plan& plan, const CompiledNode& node, const ModelHost& host, Run run);

  // Items `first` to `first + count - 1`; kInvalid where the outputs' first axis doesn't count
  // them.
  Result<std::vector<Tensor>> run(int first, int count, Nanos* took) const;
  // What such a run is fed with, filled up to `rows`.
  std::vector<Tensor> inputs(int first, int count, int rows) const;

 private:
  Tensor input(const Plan& plan, std::size_t index, std::mt19937& random) const;

  const CompiledNode& node_;
  const ModelIo& io_;
  const Batching& batching_;
  const Run run_;
  std::vector<Tensor> all_;
};

// Refuses batching (Batching::refuse) where outputs of items are further from what they are alone
// than `apart` of the largest number; `all`: the outputs of a run of most() items.
Status compare_with_single(const Trial& trial, Batching& batching, const ModelIo& io,
                           const std::vector<Tensor>& all, double apart);

// 1, 2, 4... and most.
std::vector<int> batch_sizes(int most);

}  // namespace edgert
