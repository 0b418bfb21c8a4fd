// Whether a pipeline takes a frame that is due: not when its application has used up what it may,
// and not when the work that is admitted already leaves no time for it.
//
// The time is estimated: what runs are expected to take (node_times.h), over the lanes, and what is
// admitted before it by the order at hand, on each device that the pipeline needs. Where nothing
// was measured yet all is taken. Thread rule: ask() of one pipeline by one thread at a time (its
// sensor's pump); all else from any.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/metrics/snapshot.h"
#include "edgert/plan/compiled.h"
#include "edgert/sched/ranker.h"

namespace edgert {

// What one pipeline was refused. Outlives plans.
struct AdmissionGate {
  std::array<Counter, kRefusals> refused;
  // Only the asking thread: frames in a row that had no time, and when one was last taken.
  int hopeless = 0;
  Nanos tried = 0;
};

class Admission {
 public:
  explicit Admission(const Ranker& ranker) : ranker_(ranker) {}

  // Why the frame is refused, or kAdmitted; then the pipeline's application waits for one answer
  // more. Counted by reason. `pipeline` is of `plan`.
  Refusal ask(const Plan& plan, const CompiledPipeline& pipeline, AdmissionGate& gate,
              Nanos deadline, Nanos time) const;
  static void answered(const Plan& plan, const CompiledPipeline& pipeline);

 private:
  Refusal decide(const Plan& plan, const CompiledPipeline& pipeline, AdmissionGate& gate,
                 Nanos deadline, Nanos time) const;
  bool in_time(const Plan& plan, const CompiledPipeline& pipeline, AdmissionGate& gate,
               Nanos deadline, Nanos time) const;

  const Ranker& ranker_;
};

}  // namespace edgert
