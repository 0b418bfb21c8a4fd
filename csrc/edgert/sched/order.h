// The order in which work is drawn: a rank, smaller first. Ranks of different groups compare.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "edgert/sched/work.h"

namespace edgert {

enum class Order : std::uint8_t {
  kFifo,              // by the time it became ready
  kEarliestDeadline,  // by the end-to-end deadline; work without one comes after, by ready time
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

// Within one activation later nodes come first by `order`'s tie-break being equal and `ready`
// deciding; across activations the older goes first.
inline Rank rank_of(const Work& work, Order order) {
  switch (order) {
    case Order::kFifo: return {work.ready, static_cast<std::int64_t>(work.order)};
    case Order::kEarliestDeadline:
      return {work.deadline, static_cast<std::int64_t>(work.order)};
  }
  return {};
}

}  // namespace edgert
