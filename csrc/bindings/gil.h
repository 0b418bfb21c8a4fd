// Letting the GIL go and taking it, also while the interpreter ends.
//
// Before Python 3.14, a thread that asks for the GIL of an interpreter that ends is ended by
// pthread_exit, which unwinds its stack; the first destructor on the way, pybind11's own, then ends
// the process with "terminate called without an active exception". Such a thread waits here for
// the process to end, as Python 3.14 has it (PEP 788, gh-87135). Use these, not pybind11's.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <exception>
#include <optional>

namespace edgert::python {

// Never comes back. What is on the stack stays: its objects may not be touched without the GIL.
[[noreturn]] inline void wait_for_the_end() noexcept {
  for (;;) pause();
}

// The GIL is let go as long as this lives.
class Unlocked {
 public:
  Unlocked() : state_(PyEval_SaveThread()) {}
  ~Unlocked() {
    try {
      PyEval_RestoreThread(state_);
    } catch (...) {  // the unwinding of pthread_exit
      wait_for_the_end();
    }
  }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};

// The GIL is held as long as this lives, by a thread that may be the core's.
class Locked {
 public:
  Locked() {
    try {
      locked_.emplace();
    } catch (const std::exception&) {
      throw;
    } catch (...) {
      wait_for_the_end();
    }
  }

 private:
  std::optional<pybind11::gil_scoped_acquire> locked_;
};

}  // namespace edgert::python
