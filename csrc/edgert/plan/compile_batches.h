// What works that run as one need, prepared while a plan is compiled.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// For a model of the plan that asks for batches, before its nodes are there; null for others.
Result<std::unique_ptr<Batching>> make_batching(const ModelSpec& spec, const ModelIo& io,
                                                bool keeps_state);

// For each model that asks for batches: which of its nodes may run as one, the memory for it, what
// runs of 1, 2, 4... items take, and whether an item gets the answer that it gets alone. Where it
// doesn't, batching is refused for that model, with the reason. After the models are open.
Status prepare_batches(Plan& plan);

// Whether a host of the plan before has memory for what this plan's nodes bring the model.
bool batches_fit(const Plan& plan, int model, const ModelHost& host);

}  // namespace edgert
