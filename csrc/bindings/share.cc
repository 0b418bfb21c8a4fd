// Frames lent between processes: a client, and the memory that a server's sources may fill.
#include "bindings/share.h"

#include <pybind11/stl.h>

#include <cmath>

#include "bindings/convert.h"
#include "bindings/frame.h"
#include "bindings/gil.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/lease/share_client.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

constexpr Nanos kSlice = 100 * kMillisecond;  // after it, signals are looked at

struct LeasedFrame : PyFrame {
  std::shared_ptr<Segment> segment;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;
  std::int64_t refused = 0;
  std::string sensor;

  bool alive() const { return frame && segment->generation(slot) == generation; }
  void must_live() const {
    if (alive()) return;
    raise(Status(Code::kCancelled, "frame of shared sensor '" + sensor + "'",
                 frame ? "its lease is dead: the server used the memory anew" : "it was released",
                 "read a frame before you let it go"));
  }
};

class PyShareClient {
 public:
  PyShareClient(const std::string& path, const std::string& sensor, int most_held,
                double min_interval, double timeout)
      : sensor_(sensor) {
    const ShareWish wish{path, sensor, most_held, static_cast<Nanos>(min_interval * kSecond)};
    client_ = take([&] {
      const Unlocked unlocked;
      return ShareClient::connect(wish, now() + static_cast<Nanos>(timeout * kSecond));
    }());
  }

  LeasedFrame next(std::optional<double> timeout) {
    const Nanos deadline = timeout && std::isfinite(*timeout)
                               ? now() + static_cast<Nanos>(std::max(0.0, *timeout) * kSecond)
                               : kNever;
    for (;;) {
      Result<ShareClient::Lease> lease = wait(std::min(deadline, now() + kSlice));
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!lease.ok() && lease.status().code() == Code::kDeadline && now() < deadline) continue;
      ShareClient::Lease got = take(std::move(lease));
      LeasedFrame out;
      out.frame = std::move(got.frame);
      out.segment = client_->segment();
      out.slot = got.slot;
      out.generation = got.generation;
      out.refused = got.refused;
      out.sensor = sensor_;
      return out;
    }
  }

 private:
  Result<ShareClient::Lease> wait(Nanos deadline) {
    const Unlocked unlocked;
    return client_->next(deadline);
  }
  std::string sensor_;
  std::unique_ptr<ShareClient> client_;
};

}  // namespace

ShareOptions to_share_options(const py::object& share) {
  ShareOptions out;
  if (share.is_none()) return out;
  for (auto [key, value] : share.cast<py::dict>()) {
    const auto name = key.cast<std::string>();
    if (name == "path")
      out.path = value.cast<std::string>();
    else if (name == "slots")
      out.slots = value.cast<std::uint32_t>();
    else if (name == "slot_bytes")
      out.slot_bytes = value.cast<std::size_t>();
    else if (name == "most_held")
      out.most_held = value.cast<std::uint32_t>();
    else
      raise(Status::invalid("share", "'" + name + "' is unknown",
                            "known are: path, slots, slot_bytes, most_held"));
  }
  if (out.path.empty())
    raise(Status::invalid("share", "it has no path", "say where: share={'path': '/run/…/x.sock'}"));
  return out;
}

py::array share_memory(ShareServer& server, const std::vector<std::int64_t>& shape,
                       const std::string& dtype) {
  const auto type = dtype_from_name(dtype);
  if (!type) raise(Status::invalid("shared_array", "dtype '" + dtype + "' is unknown"));
  std::int64_t bytes = static_cast<std::int64_t>(dtype_size(*type));
  for (std::int64_t extent : shape) {
    if (extent < 1 || bytes > (std::int64_t{1} << 40) / extent)
      raise(Status::invalid("shared_array", "the shape is empty or too large"));
    bytes *= extent;
  }
  BufferRef buffer = server.pool().take(static_cast<std::size_t>(bytes));
  if (!buffer)
    raise(Status(Code::kExhausted, "shared_array",
                 "no slot is free for " + std::to_string(bytes) + " bytes",
                 "let arrays and frames go sooner, or share more slots or larger ones"));
  std::byte* data = buffer->data();
  py::capsule owner(buffer.detach(), [](void* of) { static_cast<Buffer*>(of)->release(); });
  return py::array(to_numpy(*type), shape, data, owner);
}

void register_share(py::module_& module) {
  py::class_<LeasedFrame, PyFrame>(
      module, "LeasedFrame",
      "A frame of another process: its arrays are views of that process's memory. The lease goes "
      "back when the frame and all its arrays are gone.")
      .def_property_readonly("alive", &LeasedFrame::alive,
                             "Whether the memory still holds this frame.")
      .def(
          "release", [](LeasedFrame& self) { self.frame.reset(); },
          "Lets the frame go now; arrays that are still held keep the lease.")
      .def_property_readonly("planes",
                             [](const LeasedFrame& self) {
                               self.must_live();
                               return planes(self);
                             })
      .def_property_readonly("samples",
                             [](const LeasedFrame& self) {
                               self.must_live();
                               return samples(self);
                             })
      .def_property_readonly("sensor", [](const LeasedFrame& self) { return self.sensor; })
      .def_property_readonly(
          "refused", [](const LeasedFrame& self) { return self.refused; },
          "Frames since the last one that could not be lent to this client.")
      .def_property_readonly("sequence",
                             [](const LeasedFrame& self) {
                               self.must_live();
                               return self.frame->sequence;
                             })
      .def_property_readonly(
          "media_time",
          [](const LeasedFrame& self) {
            self.must_live();
            return static_cast<double>(self.frame->media_time) / kSecond;
          },
          "Seconds in the recording, or since the sensor's start.")
      .def_property_readonly(
          "capture_ns",
          [](const LeasedFrame& self) {
            self.must_live();
            return self.frame->capture;
          },
          "Monotonic clock, the same in all processes of a machine.")
      .def("must_live", &LeasedFrame::must_live, "Raises when the lease is dead.");
  py::class_<PyShareClient>(module, "ShareClient",
                            "A connection to one sensor of a runtime that shares.")
      .def(py::init<const std::string&, const std::string&, int, double, double>(), "path"_a,
           "sensor"_a, "most_held"_a = 0, "min_interval"_a = 0.0, "timeout"_a = 5.0)
      .def("next", &PyShareClient::next, "timeout"_a = py::none(),
           "The next frame. Raises DeadlineError after `timeout` seconds, CancelledError when the "
           "sensor ended, UnavailableError when the server went away.");
}

}  // namespace edgert::python
