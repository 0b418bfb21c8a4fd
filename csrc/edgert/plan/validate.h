// Whether a plan's indices lead somewhere: a plan file may come from anywhere.
#pragma once

#include "edgert/base/status.h"
#include "edgert/plan/spec.h"

namespace edgert {

// Names the first node, pipeline or scope that refers to something that is not there. Inputs come
// before the nodes that read them, so a plan that passes has no cycle among its inputs.
Status validate_plan(const PlanSpec& plan);

}  // namespace edgert
