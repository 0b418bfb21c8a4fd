// The seam of reuse: decides, for one activation, whether a node is computed or answered with
// outputs that exist already.
//
// A recall node of the plan stands before the node that it is `of`, as a condition: what is wanted
// only for that node is wanted when the recall says kCompute. When nobody wants the node to run,
// it takes the recall's outputs. So within an activation a node has one outcome, for all.
//
// Thread rule: ask() by any lane; in the order of frames, one at a time, if ordered() is true.
#pragma once

#include <memory>

#include "edgert/base/status.h"
#include "edgert/plan/spec.h"

namespace edgert {

struct CompiledNode;
struct CompiledScope;
struct Execution;

// A result that is being computed, of an earlier activation of the same sensor.
struct Flight {
  Execution* execution = nullptr;  // null: there is none
  std::uint64_t number = 0;
  Nanos time = 0;  // of its frame
};

class Recall {
 public:
  enum class Answer : std::uint8_t {
    kUse,      // the asking execution's outputs, and the time that they are of, are set
    kCompute,  // nothing there serves
    kWait,     // it is attached to an execution of an earlier frame
  };
  virtual ~Recall() = default;

  // `asking` is of a recall node; its inputs are resolved.
  virtual Answer ask(Execution& asking) = 0;
  // What it waited for is there, and was put into its outputs and time.
  virtual bool serves(const Execution& asking) const = 0;
  virtual bool ordered() const { return false; }
};

// From the recall node's parameters: max_age_ns, and with an input (what a scene looks like, as
// numbers) threshold. `scope` and `target` are where the node runs that it is of.
Result<std::unique_ptr<Recall>> make_recall(const NodeSpec& spec, CompiledScope& scope,
                                            CompiledNode& target);

// Gives `asking` the last result of `target`; its activation's number, or 0: there is none.
std::uint64_t take_last(CompiledNode& target, Execution& asking);
// Whether `time` is the asking frame's or at most `max_age` before it, in the stream's time.
bool is_within(const Execution& asking, Nanos time, Nanos max_age);

// The latest execution of `target` that is sure to be computed, if its activation is before
// `number`. It may be over, or its place another's, by the time that somebody attaches.
Flight flight_of(CompiledScope& scope, CompiledNode& target, std::uint64_t number);
// Whether `asking` will be told when it ends.
bool attach(const Flight& flight, Execution& asking);
// For the executor: `execution`, of a node with recalls, is sure to run; who attached under a name.
void announce(const Execution& execution);
Execution& attached(CompiledScope& scope, std::uint32_t who);

}  // namespace edgert
