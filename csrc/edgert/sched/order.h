// The order in which work is drawn: a rank, smaller first. Ranks of different groups compare.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "edgert/sched/work.h"

namespace edgert {

enum class Order : std::uint8_t {
  kFifo,              // by the time it became ready
  kEarliestDeadline,  // by the end-to-end deadline; work without one comes after, by age
};

inline std::optional<Order> order_from_name(std::string_view name) {
  if (name == "fifo") return Order::kFifo;
  if (name == "edf") return Order::kEarliestDeadline;
  return std::nullopt;
}

struct Rank {
  std::int64_t major = INT64_MAX;
  std::int64_t minor = INT64_MAX;
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

// The major rank alone orders groups among each other, so it must not tie where work differs in
// age: work without a deadline is ranked by its activation's age, behind all deadlines.
inline Rank rank_of(const Work& work, Order order) {
  const auto age = static_cast<std::int64_t>(work.order);
  switch (order) {
    case Order::kFifo:
      return {work.ready, age};
    case Order::kEarliestDeadline:
      return {work.deadline < kNever ? work.deadline : INT64_MAX / 2 + age, work.ready};
  }
  return {};
}

}  // namespace edgert
