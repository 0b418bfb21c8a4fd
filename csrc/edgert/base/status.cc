#include "edgert/base/status.h"

namespace edgert {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalid:
      return "invalid";
    case Code::kNotFound:
      return "not found";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kExhausted:
      return "exhausted";
    case Code::kDeadline:
      return "deadline";
    case Code::kCancelled:
      return "cancelled";
    case Code::kSkipped:
      return "skipped";
    case Code::kEngine:
      return "engine";
    case Code::kInternal:
      return "internal";
  }
  return "unknown";
}

Status::Status(Code code, std::string where, std::string what, std::string hint)
    : code_(code),
      text_(
          std::make_shared<const Text>(Text{std::move(where), std::move(what), std::move(hint)})) {}

const Status& Status::skipped() {
  static const Status status(Code::kSkipped, "step", "skipped, its condition was closed");
  return status;
}

const Status& Status::cancelled() {
  static const Status status(Code::kCancelled, "step", "cancelled, nobody waits for it");
  return status;
}

const Status& Status::deadline() {
  static const Status status(Code::kDeadline, "pipeline", "the latency bound passed",
                             "raise the bound, lower the rate or use a lighter model");
  return status;
}

const Status& Status::no_time() {
  static const Status status(Code::kDeadline, "pipeline",
                             "not begun: with the work that is admitted already the latency bound "
                             "can't be kept",
                             "raise the bound, lower the rate or use a lighter model");
  return status;
}

std::string_view Status::where() const {
  return text_ ? std::string_view(text_->where) : "";
}
std::string_view Status::what() const {
  return text_ ? std::string_view(text_->what) : "";
}
std::string_view Status::hint() const {
  return text_ ? std::string_view(text_->hint) : "";
}

std::string Status::message() const {
  if (!text_) return std::string(code_name(code_));
  std::string out = text_->where.empty() ? text_->what : text_->where + ": " + text_->what;
  if (!text_->hint.empty()) out += "; " + text_->hint;
  return out;
}

Status Status::within(std::string_view where) const {
  if (ok()) return *this;
  std::string place(where);
  if (text_ && !text_->where.empty()) place += ": " + text_->where;
  return {code_, std::move(place), std::string(what()), std::string(hint())};
}

BadResult::BadResult(Status status)
    : std::runtime_error(status.message()), status_(std::move(status)) {}

void throw_bad_result(const Status& status) {
  throw BadResult(status);
}

}  // namespace edgert
