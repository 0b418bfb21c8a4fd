// How each kind of node computes its outputs.
#pragma once

#include "edgert/plan/activation.h"
#include "edgert/sched/scheduler.h"

namespace edgert {

Status run_transform(Execution& execution, Lane& lane);
Status run_model(Execution& execution, Session& session);
// Copies the rows' results behind each other; `copied` counts the bytes.
Status run_gather(Execution& execution, Counter& copied);
// Sets execution.open.
Status run_gate(Execution& execution);

}  // namespace edgert
