// Errors are values inside edgert: Status and Result<T>. The bindings turn them into exceptions.
//
// A message reads "where: what, and what to do". An ok Status holds no memory; copying any Status
// never allocates (the text is shared). Thread rule: a Status is a value; share it as one.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace edgert {

enum class Code : unsigned char {
  kOk,
  kInvalid,      // the caller's data or document is wrong
  kNotFound,     // a named thing is not there
  kUnavailable,  // an engine, device or sensor is not there on this machine
  kExhausted,    // memory, a quota or a queue is used up
  kDeadline,     // a bound passed
  kCancelled,    // nobody waits for it any more
  kSkipped,      // a condition was closed or there was nothing to do
  kEngine,       // an inference engine reported a failure
  kInternal,     // a bug in edgert
};

std::string_view code_name(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(Code code, std::string where, std::string what, std::string hint = {});

  static Status invalid(std::string where, std::string what, std::string hint = {}) {
    return {Code::kInvalid, std::move(where), std::move(what), std::move(hint)};
  }
  static Status unavailable(std::string where, std::string what, std::string hint = {}) {
    return {Code::kUnavailable, std::move(where), std::move(what), std::move(hint)};
  }
  static Status engine(std::string where, std::string what, std::string hint = {}) {
    return {Code::kEngine, std::move(where), std::move(what), std::move(hint)};
  }
  static Status internal(std::string where, std::string what) {
    return {Code::kInternal, std::move(where), std::move(what), {}};
  }
  // Shared, allocation-free instances for outcomes that are ordinary on the frame path.
  static const Status& skipped();
  static const Status& cancelled();
  static const Status& deadline();
  static const Status& no_time();  // of Code::kDeadline, too

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  std::string_view where() const;
  std::string_view what() const;
  std::string_view hint() const;
  std::string message() const;  // "where: what, hint"

  // The same error, seen from further out: `where` is put in front.
  Status within(std::string_view where) const;

 private:
  struct Text {
    std::string where, what, hint;
  };
  Code code_ = Code::kOk;
  std::shared_ptr<const Text> text_;
};

// What Result::value() throws where there is none. edgert itself asks ok() first and never throws
// it; it is for programs that take a value without asking. Uncaught, it ends the program with the
// status' message as its text.
class BadResult : public std::runtime_error {
 public:
  explicit BadResult(Status status);
  const Status& status() const { return status_; }

 private:
  Status status_;
};

[[noreturn]] void throw_bad_result(const Status& status);  // apart, so that callers stay small

// A value or the reason why there is none. value(), * and -> throw BadResult where there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : data_(std::in_place_index<0>, std::move(value)) {}
  Result(Status status) : data_(std::in_place_index<1>, std::move(status)) {}

  bool ok() const { return data_.index() == 0; }
  Status status() const { return ok() ? Status{} : std::get<1>(data_); }
  T& value() & {
    check();
    return *std::get_if<0>(&data_);
  }
  const T& value() const& {
    check();
    return *std::get_if<0>(&data_);
  }
  T&& value() && {
    check();
    return std::move(*std::get_if<0>(&data_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  void check() const {
    if (!ok()) [[unlikely]]
      throw_bad_result(*std::get_if<1>(&data_));
  }
  std::variant<T, Status> data_;
};

}  // namespace edgert

#define EDGERT_CONCAT_INNER(a, b) a##b
#define EDGERT_CONCAT(a, b) EDGERT_CONCAT_INNER(a, b)

// Returns the error of an expression that yields a Status.
#define EDGERT_RETURN_IF_ERROR(expression)                                                  \
  do {                                                                                      \
    if (::edgert::Status status_of_expression = (expression); !status_of_expression.ok()) { \
      return status_of_expression;                                                          \
    }                                                                                       \
  } while (false)

// Declares `declaration` from a Result, or returns its error.
#define EDGERT_ASSIGN_OR_RETURN(declaration, expression) \
  EDGERT_ASSIGN_OR_RETURN_IMPL(EDGERT_CONCAT(result_, __LINE__), declaration, expression)
#define EDGERT_ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                         \
  if (!result.ok()) return result.status();                           \
  declaration = std::move(result).value()
