// Whether the models that an application uses fit its memory limit.
#pragma once

#include "edgert/base/status.h"
#include "edgert/plan/spec.h"

namespace edgert {

// A model counts with its file's size, whole, for each application that uses it: so what one may
// load does not depend on what others have loaded.
Status check_memory_limit(const PlanSpec& plan, const ApplicationSpec& application);

}  // namespace edgert
