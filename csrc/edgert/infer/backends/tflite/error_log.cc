#include "edgert/infer/backends/tflite/error_log.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace edgert::tfl {

void ErrorLog::report(void* context, const char* format, va_list arguments) {
  constexpr std::size_t kEnough = 2000;
  auto& text = static_cast<ErrorLog*>(context)->text_;
  if (text.size() > kEnough) return;
  char line[512];
  const int size = std::vsnprintf(line, sizeof line, format, arguments);
  if (size <= 0) return;
  if (!text.empty()) text += "; ";
  text.append(line, std::min(static_cast<std::size_t>(size), sizeof line - 1));
}

std::string ErrorLog::take(const char* fallback) {
  if (text_.empty()) return fallback;
  while (!text_.empty() && text_.back() == '\n') text_.pop_back();
  std::replace(text_.begin(), text_.end(), '\n', ' ');
  return std::exchange(text_, {});
}

}  // namespace edgert::tfl
