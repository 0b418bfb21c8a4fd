// How a policy's process sees a runtime and steers it.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "edgert/runtime/runtime.h"

namespace edgert::python {

Order to_order(const std::string& name);  // raises InvalidError
pybind11::bytes load_record(Runtime& runtime);
pybind11::list queue_outlines(Runtime& runtime);
// Offsets in milliseconds. Raises InvalidError for an order that takes none, for a wrong number of
// offsets and for one that is no moderate number; nothing has changed then.
void steer(Runtime& runtime, const std::string& base, const std::vector<double>& applications,
           const std::vector<double>& pipelines, const std::vector<double>& queues);
// `lanes` 0: none. `longer_ms`: of runs, infinity for none; `queues` as the record has them, empty
// for none. Raises InvalidError.
void keep_free(Runtime& runtime, int lanes, double longer_ms, const std::vector<bool>& queues);
void allow_batches(Runtime& runtime, const std::vector<int>& items);
void place_models(Runtime& runtime, const std::vector<int>& sites);
void admit_shares(Runtime& runtime, const std::vector<double>& shares);

}  // namespace edgert::python
