#include "bindings/source.h"

#include <pybind11/stl.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/source/registry.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

constexpr std::uint32_t kMostFrames = 4096;

class PySource {
 public:
  PySource(const std::string& type, const py::dict& params)
      : source_(take(make_source(type, to_params(params, "source " + type)))),
        frames_(kMostFrames) {}
  ~PySource() {
    const Unlocked unlocked;  // a pipeline may take its time to stop
    source_.reset();
  }
  PySource(const PySource&) = delete;
  PySource& operator=(const PySource&) = delete;

  void open() {
    const Status status = [&] {
      const Unlocked unlocked;
      return source_->open();
    }();
    if (!status.ok()) raise(status);
  }

  std::optional<SourcedFrame> next() {
    auto found = [&]() -> Result<FrameRef> {
      const Unlocked unlocked;
      FrameRef frame = frames_.take();
      if (!frame)
        return Status(Code::kExhausted, "source", "readers hold too many of its frames",
                      "let results go sooner");
      EDGERT_ASSIGN_OR_RETURN(const bool more, source_->next(*frame));
      return more ? frame : FrameRef();
    }();
    FrameRef frame = take(std::move(found));
    if (!frame) return std::nullopt;
    return SourcedFrame{std::move(frame)};
  }

  void interrupt() { source_->interrupt(); }
  std::uint64_t bytes_copied() const { return source_->bytes_copied(); }
  std::uint64_t held_back() const { return source_->held_back(); }

 private:
  std::unique_ptr<Source> source_;
  FramePool frames_;
};

double seconds(Nanos nanos) {
  return static_cast<double>(nanos) / kSecond;
}

}  // namespace

void register_source_types(py::module_& module) {
  py::class_<SourcedFrame>(module, "SourceFrame",
                           "A frame of a C++ source; SensorPort.push_frame() takes it.")
      .def_property(
          "media_time", [](const SourcedFrame& self) { return seconds(self.frame->media_time); },
          [](SourcedFrame& self, double value) {
            self.frame->media_time = static_cast<Nanos>(value * kSecond);
          })
      .def_property(
          "capture",
          [](const SourcedFrame& self) -> std::optional<double> {
            if (self.frame->capture == 0) return std::nullopt;
            return seconds(self.frame->capture);
          },
          [](SourcedFrame& self, std::optional<double> value) {
            self.frame->capture = value ? static_cast<Nanos>(*value * kSecond) : 0;
          },
          "When it was taken, on the monotonic clock in seconds; None: the source doesn't say.")
      .def_property_readonly("decode_ms",
                             [](const SourcedFrame& self) {
                               return static_cast<double>(self.frame->decode) / kMillisecond;
                             })
      .def_property(
          "gap", [](const SourcedFrame& self) { return self.frame->gap_before; },
          [](SourcedFrame& self, bool gap) { self.frame->gap_before = gap; })
      .def_property_readonly(
          "addresses",
          [](const SourcedFrame& self) {
            py::list out;
            for (int i = 0; i < self.frame->plane_count; ++i)
              out.append(reinterpret_cast<std::uintptr_t>(
                  self.frame->planes[static_cast<std::size_t>(i)].data));
            return out;
          },
          "Of the planes; 0: not mapped for the CPU.");
  py::class_<PySource>(
      module, "Source",
      "A source in C++: 'gstreamer', 'library', or what a program registered. One thread reads it.")
      .def(py::init<const std::string&, const py::dict&>(), "type"_a, "params"_a)
      .def("open", &PySource::open)
      .def("next", &PySource::next, "The next frame; None at the end, or when interrupted.")
      .def("interrupt", &PySource::interrupt, "Ends next(); from any thread.")
      .def_property_readonly("bytes_copied", &PySource::bytes_copied)
      .def_property_readonly("held_back", &PySource::held_back);
}

}  // namespace edgert::python
