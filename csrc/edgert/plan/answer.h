// What a pipeline says of one frame.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/status.h"
#include "edgert/memory/frame.h"
#include "edgert/memory/tensor.h"
#include "edgert/metrics/snapshot.h"

namespace edgert {

struct ResultEntry {
  int row = -1;  // of a region or window, counted over the whole frame; -1 in the root
  Tensor tensor;
};

struct ResultOutput {
  Status status;
  Nanos age = 0;  // in the stream's time: of the oldest frame that it is computed from
  std::vector<ResultEntry> entries;  // one in the root; one a row in a scope
  Tensor rows;                       // of a scope: the regions or window rows, [k, …]
};

// Nanoseconds. `transforms` and `models` are sums over the pipeline's nodes, `waiting` is the rest.
struct Stages {
  Nanos decode = 0, inbox = 0, transforms = 0, models = 0, waiting = 0, total = 0;
};

struct PipelineOutline;  // compiled.h

struct Answer {
  std::shared_ptr<const PipelineOutline> outline;  // of the pipeline, as it was for this frame
  Status status;                                   // of the whole: ok, or why there are no outputs
  bool missed = false;                             // the bound passed before this was ready
  bool cached = false;  // all of it was computed for another request of equal content
  // The greatest of its outputs' ages; of a stale answer, with the time from its frame's capture
  // to this one's end.
  Nanos age = 0;
  Outcome outcome = Outcome::kOk;  // set when it is delivered
  FrameRef frame;
  std::vector<ResultOutput> outputs;  // in the order of the pipeline's
  Stages stages;

  void clear() {
    outline.reset();
    frame.reset();
    status = Status();
    outcome = Outcome::kOk;
    missed = cached = false;
    age = 0;
    stages = {};
    for (ResultOutput& output : outputs) {
      output.entries.clear();
      output.rows.reset();
      output.age = 0;
      output.status = Status();
    }
  }
};

}  // namespace edgert
