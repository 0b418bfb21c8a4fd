#include "bindings/trace.h"

#include <pybind11/numpy.h>

#include <cstring>

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

// Of each node, by its bits in wanted_by, the pipelines.
py::dict owners_of(const Plan& plan) {
  py::dict all;
  for (const CompiledScope& scope : plan.scopes) {
    for (const CompiledNode& node : scope.nodes) {
      py::list pipelines;
      for (const Owner& owner : node.owners) pipelines.append(owner.pipeline);
      all[py::int_(node.global)] = pipelines;
    }
  }
  return all;
}

template <class T>
void field(py::list& names, py::list& formats, py::list& offsets, const char* name,
           std::size_t at) {
  names.append(name);
  formats.append(py::dtype::of<T>());
  offsets.append(at);
}

py::dtype layout() {
  py::list names, formats, offsets;
#define EDGERT_FIELD(type, name) \
  field<type>(names, formats, offsets, #name, offsetof(TraceRecord, name))
  EDGERT_FIELD(std::int64_t, ready);
  EDGERT_FIELD(std::int64_t, start);
  EDGERT_FIELD(std::int64_t, end);
  EDGERT_FIELD(std::uint64_t, frame);
  EDGERT_FIELD(std::uint64_t, cause);
  EDGERT_FIELD(std::uint64_t, wanted_by);
  EDGERT_FIELD(std::int32_t, where);
  EDGERT_FIELD(std::int32_t, row);
  EDGERT_FIELD(std::int16_t, lane);
  EDGERT_FIELD(std::uint16_t, batch);
  EDGERT_FIELD(std::uint8_t, kind);
  EDGERT_FIELD(std::uint8_t, end_code);
#undef EDGERT_FIELD
  return py::dtype(names, formats, offsets, py::ssize_t{sizeof(TraceRecord)});
}

}  // namespace

py::dict to_dict(const Trace::Log& log, const Plan& plan) {
  py::array records(layout(), py::array::ShapeContainer{static_cast<py::ssize_t>(log.count)});
  if (log.count > 0)
    std::memcpy(records.mutable_data(), log.records.get(), log.count * sizeof(TraceRecord));
  return py::dict("records"_a = records, "lost"_a = log.lost, "owners"_a = owners_of(plan));
}

}  // namespace edgert::python
