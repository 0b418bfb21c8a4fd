// The one place where a Status becomes a Python exception.
#pragma once

#include <pybind11/pybind11.h>

#include <utility>

#include "edgert/base/status.h"

namespace edgert::python {

// The exception instance for an error; its type follows the code. The GIL is held.
pybind11::object to_exception(const Status& status);
[[noreturn]] void raise(const Status& status);

inline void check(const Status& status) {
  if (!status.ok()) raise(status);
}

template <class T>
T take(Result<T>&& result) {
  if (!result.ok()) raise(result.status());
  return std::move(result).value();
}

}  // namespace edgert::python
