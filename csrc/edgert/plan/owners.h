// Who owns a node's executions, and what follows the node on the way to each owner's result.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Fills the owners and times of all nodes, the beginnings and devices of all pipelines; after
// compile_demands().
void compile_owners(Plan& plan);

// From a frame's admission to the pipeline's result, if it waited for nobody.
Nanos expected_latency(const CompiledPipeline& pipeline);
// The same by what is known at this moment; it looks at all nodes on the way.
Nanos expected_latency_now(const CompiledPipeline& pipeline);

}  // namespace edgert
