// Devices of a plan that compute: opened, and the models that are placed there.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Fills Plan::devices. With a pretence, or on type sim, there is nothing to open.
Status open_devices(Plan& plan);

// As many runs at once as the device takes. Nothing is opened for one that only pretends.
Result<std::shared_ptr<ModelHost>> host_on_device(const Plan& plan, const ModelSpec& spec,
                                                  int device);

// A run on each stream of the site's device, with memory for all that it takes at once.
Status warm_on_device(const Plan& plan, const CompiledNode& node, const Site& site,
                      std::vector<Tensor> inputs);

// Refuses a file that is not the plan's.
Status check_content(const ModelSpec& spec);

}  // namespace edgert
