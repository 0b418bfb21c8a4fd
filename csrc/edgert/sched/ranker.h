// Gives each piece of work its rank, once, when it is submitted. All ranks are plain integers that
// stay as they are while work waits, so a group needs one heap and compares nothing but numbers.
//
// Work that several applications own gets the best rank among them, and its cost is charged to
// them in equal shares.
// Thread rule: any thread, any time; set_table() by one thread at a time. Lock-free.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "edgert/queue/published.h"
#include "edgert/sched/fair_share.h"
#include "edgert/sched/work.h"

namespace edgert {

struct ApplicationShare {
  double weight = 1;
  int priority = 0;  // larger is more urgent
};

// What a policy decides: an order, and what is added to its ranks (nanoseconds; negative is more
// urgent). Lists that are shorter than what there is stand for zeros at their end.
struct RankTable {
  Order base = Order::kEarliestDeadline;  // not kTable
  std::vector<Nanos> applications, pipelines, groups;
};

class Ranker {
 public:
  Ranker(const std::vector<ApplicationShare>& applications, Order order,
         Nanos ageing = 100 * kMillisecond, const Clock& clock = Clock::real());
  explicit Ranker(Order order) : Ranker({{}}, order) {}

  // Of the first applications, from now on; at most as many as it was made with.
  void set_shares(const std::vector<ApplicationShare>& applications);
  // What is submitted from now on is ranked so; what waits keeps its rank.
  void set_order(Order order);
  Order order() const { return order_.load(std::memory_order_relaxed); }
  // Whether works that are drawn are judged, and may be left out (triage.h).
  bool judges() const {
    const Order order = order_.load(std::memory_order_relaxed);
    return order == Order::kMooreHodgson ||
           (order == Order::kTable &&
            base_.load(std::memory_order_relaxed) == Order::kMooreHodgson);
  }
  // Under `priority`, the waiting that makes up for a step; for what is submitted from now on.
  void set_ageing(Nanos ageing) { ageing_.store(ageing, std::memory_order_relaxed); }
  // For Order::kTable; until there is a table, it is as kEarliestDeadline.
  void set_table(std::unique_ptr<RankTable> table);

  // Before the work is submitted to `group`. Under `fair` its owners are charged what it is
  // expected to cost.
  void rank(Work& work, std::uint32_t group);
  // The major rank that it would get now; nobody is charged.
  std::int64_t major_for(const Work& work, std::uint32_t group) const;
  // It was drawn, for the rank that it has now.
  void drawn(const Work& work);
  // It ended after running for `took` (0: it never ran).
  void settle(Work& work, Nanos took);

  std::size_t applications() const { return applications_; }
  const FairShare& shares() const { return fair_; }

 private:
  std::int64_t plain(Order order, const Work& work, std::uint64_t owners) const;
  std::int64_t tabled(const Work& work, std::uint32_t group, std::uint64_t owners) const;
  std::int64_t by_priority(const Work& work, std::uint64_t owners) const;
  void charge(Work& work, std::uint64_t owners);
  void correct(const Work& work, std::uint64_t owners, Nanos cost);

  const std::size_t applications_;
  std::unique_ptr<std::atomic<int>[]> priorities_;
  std::atomic<Nanos> ageing_;
  const Clock& clock_;
  std::atomic<Order> order_;
  std::atomic<Order> base_{Order::kEarliestDeadline};  // of the table
  FairShare fair_;
  Published<RankTable> table_;
};

// By deadline; what has none comes behind, by age. Deadlines order inside one application.
inline std::int64_t deadline_rank(const Work& work) {
  return work.deadline < kNever ? work.deadline
                                : INT64_MAX / 2 + static_cast<std::int64_t>(work.order);
}

}  // namespace edgert
