// Reading parameters with their limits; an error names the parameter and what it may be.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "edgert/transform/transform.h"

namespace edgert {

Result<int> whole_option(const Params& params, std::string_view name, int fallback, int low,
                         int high);
Result<float> real_option(const Params& params, std::string_view name, double fallback, double low,
                          double high);

Status bad_choice(std::string_view name, std::string_view got, std::string_view known);

// One of several names, each standing for a value.
template <class T>
Result<T> choice_option(const Params& params, std::string_view name, std::string_view fallback,
                        std::initializer_list<std::pair<std::string_view, T>> choices) {
  EDGERT_ASSIGN_OR_RETURN(const std::string text, params.text(name, std::string(fallback)));
  std::string known;
  for (const auto& [choice, value] : choices) {
    if (choice == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(choice);
  }
  return bad_choice(name, text, known);
}

// The factory of an operation, out of Op::make.
template <class Op>
Result<std::unique_ptr<Transform>> make_operation(const Params& params,
                                                  std::span<const InputFormat> inputs) {
  EDGERT_ASSIGN_OR_RETURN(Op made, Op::make(params, inputs));
  return std::unique_ptr<Transform>(std::make_unique<Op>(std::move(made)));
}

template <class Op>
constexpr TransformEntry entry_of() {
  return {Op::kName, &make_operation<Op>};
}

}  // namespace edgert
