// A run of several works of one model.
#pragma once

#include <span>

#include "edgert/plan/activation.h"

namespace edgert {

// The input of all items for a run of `rows`, in `room` or where they lie.
Result<Tensor> joined_items(std::span<const Tensor* const> items, int rows, const Tensor& room,
                            Counter& copied);

// Whether the work brings one item to each input, so that it may run with others of its class.
bool brings_one(Execution& work);

// Runs them at once on the session of `instance`, and gives each its outputs. The works may come
// out in another order. On an error none has outputs.
Status run_batch(std::span<Execution*> works, int instance);

}  // namespace edgert
