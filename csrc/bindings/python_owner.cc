#include "bindings/python_owner.h"

#include "edgert/queue/intake_stack.h"

namespace py = pybind11;

namespace edgert::python {
namespace {

struct Owner {
  Owner* next = nullptr;
  PyObject* object = nullptr;
  std::vector<Py_buffer> views;
  HeldCount count;
};

IntakeStack<Owner>& unused() {
  static IntakeStack<Owner> list;
  return list;
}

void abandon(void* context) noexcept {
  unused().push(static_cast<Owner*>(context));
}

}  // namespace

BufferRef own_object(py::object object, void* data, std::size_t size) {
  auto* owner = new Owner;
  owner->object = object.release().ptr();
  return wrap_buffer(data, size, {}, owner, &abandon);
}

BufferRef own_views(std::vector<Py_buffer> views, HeldCount count) {
  auto* owner = new Owner;
  owner->views = std::move(views);
  owner->count = std::move(count);
  if (owner->count) owner->count->fetch_add(1, std::memory_order_relaxed);
  return wrap_buffer(owner->views.front().buf, static_cast<std::size_t>(owner->views.front().len),
                     {}, owner, &abandon);
}

void release_unused() {
  if (unused().empty()) return;
  for (Owner* owner = unused().take_all(); owner;) {
    Owner* following = owner->next;
    Py_XDECREF(owner->object);
    for (Py_buffer& view : owner->views) PyBuffer_Release(&view);
    if (owner->count) owner->count->fetch_sub(1, std::memory_order_relaxed);
    delete owner;
    owner = following;
  }
}

}  // namespace edgert::python
