// Takes an earlier result as long as the scene looks as it did in the frame that the result was
// computed from: compared with that one, not with the frame before, so that what changes slowly
// adds up.
#pragma once

#include "edgert/plan/recall.h"

namespace edgert {

// `spec` has one input: brightness by cells, [rows, columns] in levels of 0..255.
Result<std::unique_ptr<Recall>> make_scene_recall(const NodeSpec& spec, Nanos max_age,
                                                  CompiledScope& scope, CompiledNode& target);

}  // namespace edgert
