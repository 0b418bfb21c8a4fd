// Parameters of an operation: an ordered map from a name to a typed value.
//
// They come from documents through the planner, are part of a node's identity, and are written
// into plan files. Reading one that is absent gives the default; of the wrong type, an error.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "edgert/base/hash.h"
#include "edgert/base/status.h"

namespace edgert {

using ParamValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                                std::vector<double>, std::vector<std::string>>;

class Params {
 public:
  Params() = default;
  Params(std::initializer_list<std::pair<const std::string, ParamValue>> values)
      : values_(values) {}

  void set(std::string name, ParamValue value) {
    values_.insert_or_assign(std::move(name), std::move(value));
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  const ParamValue* find(std::string_view name) const;

  // Getters: the value, or `fallback` when absent; integers serve where a double is asked for and
  // a scalar where a list is. A value of another type is an error that names the parameter.
  Result<bool> boolean(std::string_view name, bool fallback) const;
  Result<std::int64_t> integer(std::string_view name, std::int64_t fallback) const;
  Result<double> real(std::string_view name, double fallback) const;
  Result<std::string> text(std::string_view name, std::string fallback) const;
  Result<std::vector<std::int64_t>> integers(std::string_view name,
                                             std::vector<std::int64_t> fallback = {}) const;
  Result<std::vector<double>> reals(std::string_view name, std::vector<double> fallback = {}) const;
  Result<std::vector<std::string>> texts(std::string_view name,
                                         std::vector<std::string> fallback = {}) const;

  // An error that names the first parameter that is not among `known`.
  Status only(std::initializer_list<std::string_view> known) const;

  void hash_into(Hasher& hasher) const;
  const std::map<std::string, ParamValue, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, ParamValue, std::less<>> values_;
};

}  // namespace edgert
