#include "edgert/transform/answer/options.h"

#include <cstdio>
#include <string>

namespace edgert {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Status out_of_range(std::string_view name, double got, double low, double high) {
  return Status::invalid(
      "parameter '" + std::string(name) + "'",
      "got " + number(got) + ", expected " + number(low) + " to " + number(high));
}

}  // namespace

Result<int> whole_option(const Params& params, std::string_view name, int fallback, int low,
                         int high) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t value, params.integer(name, fallback));
  if (value < low || value > high) {
    return out_of_range(name, static_cast<double>(value), low, high);
  }
  return static_cast<int>(value);
}

Result<float> real_option(const Params& params, std::string_view name, double fallback, double low,
                          double high) {
  EDGERT_ASSIGN_OR_RETURN(const double value, params.real(name, fallback));
  if (!(value >= low && value <= high)) return out_of_range(name, value, low, high);
  return static_cast<float>(value);
}

Status bad_choice(std::string_view name, std::string_view got, std::string_view known) {
  return Status::invalid("parameter '" + std::string(name) + "'", "got '" + std::string(got) + "'",
                         "use one of " + std::string(known));
}

}  // namespace edgert
