#include "edgert/metrics/trace.h"

#include <algorithm>
#include <new>
#include <thread>
#include <utility>

namespace edgert {
namespace {

constexpr int kEpochShift = 48;
constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << kEpochShift) - 1;

}  // namespace

std::uint64_t Trace::add(TraceRecord record) {
  std::uint64_t name = 0;
  writing_.fetch_add(1, std::memory_order_seq_cst);
  if (on_.load(std::memory_order_seq_cst)) {
    // Relaxed: it gives places only; stop() learns from writing_ that they are filled.
    const std::uint64_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index < most_) {
      record.cause = record.cause >> kEpochShift == epoch_ ? record.cause & kIndexMask : 0;
      records_[index] = record;
      name = epoch_ << kEpochShift | (index + 1);
    }
  }
  // Release: who sees zero sees the record.
  writing_.fetch_sub(1, std::memory_order_release);
  return name;
}

Status Trace::start(std::size_t most) {
  if (on()) return Status::invalid("trace", "is being taken already", "stop that one first");
  if (most < 1 || most > kIndexMask) return Status::invalid("trace", "must keep 1 record or more");
  records_.reset(new (std::nothrow) TraceRecord[most]);
  if (!records_)
    return {Code::kExhausted, "trace", "there is no memory for so many records", "keep fewer"};
  most_ = most;
  epoch_ = epoch_ % 0xffff + 1;
  next_.store(0, std::memory_order_relaxed);
  on_.store(true, std::memory_order_seq_cst);
  return {};
}

Trace::Log Trace::stop() {
  if (!on()) return {};
  on_.store(false, std::memory_order_seq_cst);
  while (writing_.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
  const auto taken = static_cast<std::size_t>(next_.load(std::memory_order_relaxed));
  const std::size_t count = std::min(taken, most_);
  return {std::move(records_), count, taken - count};
}

}  // namespace edgert
