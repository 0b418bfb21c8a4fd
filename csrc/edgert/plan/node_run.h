// How each kind of node computes its outputs.
#pragma once

#include "edgert/plan/activation.h"
#include "edgert/sched/scheduler.h"

namespace edgert {

inline constexpr std::size_t kMostInputs = 32;

// What a node answers that found no memory for an output. Who finishes it says which node it was.
Status no_memory();
// For who has the turn of a stateful node and can't run it on a frame, so that its next run starts
// afresh. What a closed condition keeps away is no loss.
void note_loss(Execution& execution, const Status& why);
Status run_transform(Execution& execution, Lane& lane);
// On the session of `instance` of the model's group, or on the node's own.
Status run_model(Execution& execution, int instance);
// In its parts, for a device: `into` gets the model and, behind what others of the run brought,
// what it reads and the memory for what it writes. After an error nothing. On a device that only
// pretends the outputs are zeros.
Status prepare_model(Execution& execution, StreamRun& into);
// The run is complete, with the execution's status; it was the run's `place`th.
void finish_model(Execution& execution, StreamRun& run, std::size_t place);
// Copies the rows' results behind each other; `copied` counts the bytes.
Status run_gather(Execution& execution, Counter& copied);
// More elements than these are interpolated by a lane, fewer at once, on any thread.
inline constexpr std::int64_t kInterpolatedAtOnce = 16384;
// Whether lanes have work with it.
bool interpolates_much(const NodeSpec& join);
// Interpolates between the two samples that its question was answered with.
Status run_join(Execution& execution);
// Sets execution.open.
Status run_gate(Execution& execution);
Status pretend_gate(Execution& execution, Pretence& pretence);

}  // namespace edgert
