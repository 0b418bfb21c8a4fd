// Executions that ran as one: for the executor's own files.
#pragma once

#include "edgert/plan/activation.h"

namespace edgert {

// Null: each runs alone.
inline Batching* batching_of(const Execution& execution) {
  const ModelHost* model = site_of(execution).model;
  return model ? model->batching.get() : nullptr;
}

// Its part of the time that the run took.
inline Nanos share_of(const Execution& execution) {
  return (execution.ended - execution.started) / execution.batch;
}

}  // namespace edgert
