// What an answer says, gathered from an activation that is done with it.
#pragma once

#include "edgert/plan/activation.h"
#include "edgert/plan/answer.h"

namespace edgert {

// Its outputs, or their reasons. `answer.status` is set; `pipeline` is of the activation's plan.
void fill_answer(Answer& answer, Activation& root, const CompiledPipeline& pipeline);

}  // namespace edgert
