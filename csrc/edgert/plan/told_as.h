// What errors call a node. Whoever reads one knows the steps of its own pipeline, and is to learn
// nothing of others': what several read is called by what it runs, not by the step that asked
// first.
#pragma once

#include <string>

#include "edgert/plan/activation.h"

namespace edgert {

std::string told_as(const Execution& execution);

}  // namespace edgert
