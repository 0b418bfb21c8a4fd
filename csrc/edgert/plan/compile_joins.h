// The meeting places of joins: a history for each kept stream.
#pragma once

#include "edgert/base/status.h"
#include "edgert/plan/compiled.h"

namespace edgert {

// Makes the histories, and tells each join where it asks. Nodes must be placed and linked already.
Status make_histories(Plan& plan);

}  // namespace edgert
