// Recalls: what an earlier result is looked for with.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Makes each recall node's Recall, and what their nodes keep for them.
Status make_recalls(Plan& plan);

}  // namespace edgert
