#include "edgert/base/params.h"

#include <bit>
#include <utility>

#include "edgert/base/param_reads.h"

namespace edgert {
namespace {

template <class T>
Result<T> wrong_type(std::string_view name, std::string_view wanted) {
  return Status::invalid("parameter '" + std::string(name) + "'",
                         "expected " + std::string(wanted));
}

const ParamValue* stated(const Params& params, std::string_view name) {
  const auto it = params.values().find(name);
  return it == params.values().end() ? nullptr : &it->second;
}

template <class T>
Result<T> gives(const Params& params, std::string_view name, T value) {
  ParamReads::gave(params, name, value);
  return value;
}

template <class T>
Result<T> get(const Params& params, std::string_view name, T fallback, std::string_view wanted) {
  const ParamValue* value = stated(params, name);
  if (!value) return gives(params, name, std::move(fallback));
  if (const T* typed = std::get_if<T>(value)) return gives(params, name, *typed);
  return wrong_type<T>(name, wanted);
}

struct HashValue {
  Hasher& hasher;
  void operator()(bool value) const { hasher.number(value); }
  void operator()(std::int64_t value) const { hasher.number(static_cast<std::uint64_t>(value)); }
  void operator()(double value) const { hasher.number(std::bit_cast<std::uint64_t>(value)); }
  void operator()(const std::string& value) const { hasher.text(value); }
  template <class T>
  void operator()(const std::vector<T>& values) const {
    hasher.number(values.size());
    for (const T& value : values) (*this)(value);
  }
};

}  // namespace

const ParamValue* Params::find(std::string_view name) const {
  ParamReads::asked(*this, name);
  return stated(*this, name);
}

Result<bool> Params::boolean(std::string_view name, bool fallback) const {
  return get<bool>(*this, name, fallback, "true or false");
}

Result<std::int64_t> Params::integer(std::string_view name, std::int64_t fallback) const {
  return get<std::int64_t>(*this, name, fallback, "a whole number");
}

Result<double> Params::real(std::string_view name, double fallback) const {
  const ParamValue* value = stated(*this, name);
  if (value && std::holds_alternative<std::int64_t>(*value))
    return gives(*this, name, static_cast<double>(std::get<std::int64_t>(*value)));
  return get<double>(*this, name, fallback, "a number");
}

Result<std::string> Params::text(std::string_view name, std::string fallback) const {
  return get<std::string>(*this, name, std::move(fallback), "a text");
}

Result<std::vector<std::int64_t>> Params::integers(std::string_view name,
                                                   std::vector<std::int64_t> fallback) const {
  const ParamValue* value = stated(*this, name);
  if (value && std::holds_alternative<std::int64_t>(*value))
    return gives(*this, name, std::vector{std::get<std::int64_t>(*value)});
  return get(*this, name, std::move(fallback), "a list of whole numbers");
}

Result<std::vector<double>> Params::reals(std::string_view name,
                                          std::vector<double> fallback) const {
  const ParamValue* value = stated(*this, name);
  if (!value) return gives(*this, name, std::move(fallback));
  if (const auto* scalar = std::get_if<double>(value))
    return gives(*this, name, std::vector{*scalar});
  if (const auto* scalar = std::get_if<std::int64_t>(value))
    return gives(*this, name, std::vector{static_cast<double>(*scalar)});
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(value))
    return gives(*this, name, std::vector<double>(list->begin(), list->end()));
  return get(*this, name, std::move(fallback), "a list of numbers");
}

Result<std::vector<std::string>> Params::texts(std::string_view name,
                                               std::vector<std::string> fallback) const {
  const ParamValue* value = stated(*this, name);
  if (value && std::holds_alternative<std::string>(*value))
    return gives(*this, name, std::vector{std::get<std::string>(*value)});
  return get(*this, name, std::move(fallback), "a list of texts");
}

Status Params::only(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : values_) {
    bool found = false;
    for (std::string_view candidate : known) found |= candidate == name;
    if (found) continue;
    std::string names;
    for (std::string_view candidate : known)
      names += (names.empty() ? "" : ", ") + std::string(candidate);
    return Status::invalid("parameter '" + name + "'", "unknown", "known are: " + names);
  }
  return {};
}

void Params::hash_into(Hasher& hasher) const {
  hasher.number(values_.size());
  for (const auto& [name, value] : values_) {
    hasher.text(name).number(value.index());
    std::visit(HashValue{hasher}, value);
  }
}

}  // namespace edgert
