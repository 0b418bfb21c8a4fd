// How long outputs live: until the last of those who read them, not until the last reader of all
// that their node gave. A pass that makes five models' inputs has each of them let go by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/plan/activation.h"
#include "edgert/plan/compiled.h"

namespace edgert {

// Finds what may be let go early, after demands are compiled: outputs of nodes with several, which
// only nodes of the same scope read.
void compile_early_outputs(Plan& plan);

// By node and output, the last node that reads it: its own where none does, one behind all where it
// leaves its scope or the plan. Nodes come after what they read.
std::vector<std::vector<int>> last_readers(const PlanSpec& spec);

// While nobody else knows the activation: `reader` is wanted, or `maker` itself may run.
inline void count_early_readers(Activation& activation, const CompiledNode& reader) {
  constexpr auto relaxed = std::memory_order_relaxed;
  for (const InputLocation& at : reader.early_inputs)
    if (Execution& maker = activation.at(at.local); maker.demanded)
      maker.early_readers[static_cast<std::size_t>(at.output)].fetch_add(1, relaxed);
}

inline void reset_early_readers(Execution& maker) {
  for (int output : maker.node->early_outputs)
    maker.early_readers[static_cast<std::size_t>(output)].store(1, std::memory_order_relaxed);
}

inline void read_early(Execution& maker, int output) {
  const auto i = static_cast<std::size_t>(output);
  // Release: this reader is done. Acquire: who lets go comes after all readers.
  if (maker.early_readers[i].fetch_sub(1, std::memory_order_acq_rel) == 1) maker.outputs[i].reset();
}

// `execution` is resolved: it reads nothing any more (nor did it ever if it was detached). Comes
// before the same is said of whole nodes.
inline void let_go_inputs_early(Execution& execution) {
  for (const InputLocation& at : execution.node->early_inputs)
    if (Execution& maker = execution.activation->at(at.local);
        maker.demanded && !execution.detached)
      read_early(maker, at.output);
}

// And it gives nothing more: neither to those who read it, nor to the request cache.
inline void let_go_outputs_early(Execution& execution) {
  for (int output : execution.node->early_outputs) read_early(execution, output);
}

}  // namespace edgert
