// Whether a node with state starts afresh: frames of its stream were lost since it last ran.
#pragma once

#include "edgert/plan/activation.h"

namespace edgert {

// Wherever the gap was: the frame after it may have had no rows, or the node may not have been
// wanted then. Asked once a run, by who has the node's turn.
bool starts_after_gap(Execution& execution);

}  // namespace edgert
