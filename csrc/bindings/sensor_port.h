// Where frames enter the runtime from Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings/python_owner.h"
#include "bindings/source.h"
#include "edgert/runtime/runtime.h"

namespace edgert::python {

namespace py = pybind11;

// When so many seconds have passed; none, or a great many: never.
Nanos deadline_of(std::optional<double> timeout);

// One sensor's, whichever plan is at hand. Held with the GIL; pushing waits without it.
class PyPort {
 public:
  PyPort(std::shared_ptr<Runtime> runtime, std::shared_ptr<SensorPort> port)
      : runtime_(std::move(runtime)), port_(std::move(port)) {}

  bool push_image(const py::sequence& planes, const std::vector<std::int64_t>& strides, int width,
                  int height, const std::string& pixel, const std::string& range,
                  const std::string& matrix, const std::string& siting, double media_time,
                  double decode_ms, bool gap, std::optional<double> timeout, double capture,
                  bool lent);

  bool push_samples(const py::array& array, double media_time, double decode_ms, bool gap,
                    std::optional<double> timeout, bool last, double capture);

  // The frame can be pushed again when this raises.
  bool push_frame(const SourcedFrame& given, std::optional<double> timeout);

  void finish();
  std::string name() const { return port_->name(); }
  int number() const { return port_->number(); }
  std::int64_t held();

 private:
  std::string where() const { return "sensor '" + port_->name() + "'"; }

  FrameRef blank(double media_time, double decode_ms, bool gap, double capture);

  void share_planes(Frame& frame, const py::sequence& planes,
                    const std::vector<std::int64_t>& strides, bool lent);

  bool push(FrameRef frame, std::optional<double> timeout);

  std::shared_ptr<Runtime> runtime_;
  std::shared_ptr<SensorPort> port_;
  Nanos first_ = 0;
  HeldCount held_ = std::make_shared<std::atomic<std::int64_t>>(0);
};

// The class SensorPort.
void register_sensor_port(py::module_& module);

}  // namespace edgert::python
