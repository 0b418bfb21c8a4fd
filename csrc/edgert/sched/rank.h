// The order in which work is drawn: a rank, smaller first, given once when the work is submitted.
// Ranks of different groups compare, and so do ranks of different orders, roughly: all are times.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace edgert {

enum class Order : std::uint8_t {
  kFifo,              // by the time it became ready
  kEarliestDeadline,  // by the end-to-end deadline; work without one comes after, by age
  kLeastSlack,        // by the latest time at which it must begin to keep its deadline
  kPriority,          // by its application's priority; waiting makes up for priority
  kFair,              // device time shared between applications by their weights
  kMooreHodgson,      // by deadline, but what would make others late is left out (triage.h)
  kTable,             // by a policy's table
};

inline constexpr std::array<std::pair<std::string_view, Order>, 7> kOrders{{
    {"fifo", Order::kFifo},
    {"edf", Order::kEarliestDeadline},
    {"slack", Order::kLeastSlack},
    {"priority", Order::kPriority},
    {"fair", Order::kFair},
    {"moore-hodgson", Order::kMooreHodgson},
    {"table", Order::kTable},
}};

inline std::optional<Order> order_from_name(std::string_view name) {
  for (const auto& [known, order] : kOrders)
    if (known == name) return order;
  return std::nullopt;
}

// The major rank alone orders groups among each other; the minor one breaks ties inside a group.
struct Rank {
  std::int64_t major = INT64_MAX;
  std::int64_t minor = INT64_MAX;
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

}  // namespace edgert
