// Batches of a model tried out while its plan is compiled.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Runs items of made-up numbers through the model of `node` on `host`, one by one and as one. Sets
// what runs of 1, 2, 4... take, and refuses batching (Batching::refuse) where an item's outputs
// differ from those that it has alone, or where only single items run. kInvalid where outputs have
// no axis of items after all; an error of a single run is returned as it is.
Status try_batches(const Plan& plan, const CompiledNode& node, const ModelHost& host);

// The same for a host on a device that computes. `nodes`: one of each class there. Has all sizes of
// runs ready, and decides which are filled up to the next one.
Status try_batches_on_device(const Plan& plan, const std::vector<const CompiledNode*>& nodes,
                             const ModelHost& host);

}  // namespace edgert
