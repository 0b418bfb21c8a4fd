// Run times of simulated devices, as Python gives them.
#pragma once

#include <pybind11/pybind11.h>

#include <map>
#include <string>

#include "edgert/device/sim/among.h"
#include "edgert/plan/spec.h"

namespace edgert::python {

// By index of the plan's models: dicts of threads, points (tuples of instances, threads, batch,
// p50, p90, p99, spread; times in ms) and beside (slowdown by the other model's index).
DeviceTimes to_device_times(const std::map<int, pybind11::dict>& models, const PlanSpec& plan);
ModelTimes to_model_times(const std::string& where, const pybind11::dict& given,
                          std::size_t models);

// A dict of models (by index of the plan: dicts of quantiles by lanes at work), again (the same of
// runs that follow one of their own model), wake (quantiles) and cores; quantiles in ms at
// kAmongShares.
AmongTimes to_among_times(const pybind11::dict& given, const PlanSpec& plan);

}  // namespace edgert::python
