// Models of a plan: opened, with their sessions, constants and first states, and warmed.
#pragma once

#include "edgert/base/status.h"
#include "edgert/plan/compiled.h"

namespace edgert {

// `lanes` bounds the instances of models whose sessions are cheap.
// Those that `before` has loaded run on.
Status open_models(Plan& plan, int lanes, const Plan* before);

}  // namespace edgert
