// Devices of a plan that compute: opened, and the models that are placed there.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Fills Plan::devices. With a pretence, or on type sim, there is nothing to open.
Status open_devices(Plan& plan);

// As many runs at once as the device takes. Nothing is opened for one that only pretends.
Result<std::shared_ptr<ModelHost>> host_on_device(const Plan& plan, const ModelSpec& spec,
                                                  int device);

// The site's, which computes.
CudaDevice& device_at(const Plan& plan, const Site& site);
// Of the node's model, with memory for its outputs, of so many rows. 0: as they are declared.
StreamRun run_on_device(const CompiledNode& node, const Site& site, std::vector<Tensor> inputs,
                        int rows = 0);
// Memory there for as many runs as it takes at once, of all items that one may have; `inputs`:
// one's.
Status reserve_on_device(const Plan& plan, const CompiledNode& node, const Site& site,
                         std::vector<Tensor> inputs);
// Such runs on each stream of the site's device, recorded where they can be; `unrecorded`: why not,
// or empty.
Status warm_on_device(const Plan& plan, const CompiledNode& node, const Site& site,
                      std::vector<Tensor> inputs, int rows = 0, std::string* unrecorded = nullptr);

// Refuses a file that is not the plan's.
Status check_content(const ModelSpec& spec);

}  // namespace edgert
