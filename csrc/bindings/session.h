// A model and its sessions as Python holds them.
#pragma once

#include <pybind11/numpy.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "edgert/infer/backend.h"
#include "edgert/memory/pool.h"

namespace edgert::python {

struct PyModel {
  std::string file, backend;
  std::shared_ptr<Model> model;
};

// One concurrency context. Calls from several threads wait for each other.
class PySession {
 public:
  // Raises what the engine says. The GIL is held, and let go meanwhile; likewise below.
  explicit PySession(const PyModel& of);

  pybind11::dict run(const pybind11::object& given);

  // The arrays that Python gave, as tensors in the model's order. Raises InvalidError.
  std::vector<Tensor> to_inputs(const pybind11::object& given) const;
  // Memory for the outputs; none for those whose shape the run decides.
  std::vector<Tensor> blank_outputs() const;

  Session& session() { return *session_; }
  // To be held while the session runs; never while waiting for the GIL.
  std::mutex& mutex() { return mutex_; }

 private:
  Tensor to_input(pybind11::handle value, std::size_t index) const;
  std::string wanted() const;

  std::shared_ptr<Model> model_;
  std::unique_ptr<Session> session_;
  std::vector<pybind11::str> names_, input_names_;
  std::vector<std::unique_ptr<BufferPool>> pools_;
  std::mutex mutex_;
};

}  // namespace edgert::python
