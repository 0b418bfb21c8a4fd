// What the engine reported since it was last asked: its only account of why a call failed.
#pragma once

#include <cstdarg>
#include <string>

namespace edgert::tfl {

class ErrorLog {
 public:
  // A Reporter of the engine's; `context` is the ErrorLog.
  static void report(void* context, const char* format, va_list arguments);

  // The text so far on one line, or `fallback`; forgets it.
  std::string take(const char* fallback);

 private:
  std::string text_;
};

}  // namespace edgert::tfl
