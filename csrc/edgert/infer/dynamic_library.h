// A shared library opened at run time by path or soname.
//
// It is never closed: engines keep threads and thread-local destructors that must not lose their
// code. A DynamicLibrary is a value; copies name the same library.
#pragma once

#include <string>

#include "edgert/base/status.h"

namespace edgert {

class DynamicLibrary {
 public:
  // kUnavailable with the loader's own text when it can't be opened.
  static Result<DynamicLibrary> open(const std::string& path);

  // The file that was really opened.
  const std::string& path() const { return path_; }

  enum class Which { kOpenedHere, kAll };
  // Lets go of the pages of code and constants of every library opened here, or of all in the
  // process; what is still used comes back from the page cache at its next use. Loading an engine
  // touches most of its pages once, running a model touches few, and the kernel is slow to give
  // them up.
  static void release_idle_pages(Which which);

  // Null when the library has no such symbol.
  void* symbol(const char* name) const;

  // Sets `function` to the symbol; false when there is none.
  template <class Function>
  bool resolve(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(symbol(name));
    return function != nullptr;
  }

 private:
  DynamicLibrary(void* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  void* handle_;
  std::string path_;
};

}  // namespace edgert
