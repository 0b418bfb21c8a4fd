#include "edgert/sched/ranker.h"

#include <algorithm>

namespace edgert {
namespace {

constexpr Nanos kUnknownCost = kMillisecond;  // until the first run is measured
constexpr Nanos kNearlyDone = 64;             // of equal deadlines, what is nearly done comes first
constexpr Nanos kLongestAgeing = 24 * 3600 * kSecond;  // nothing waits longer; ranks stay in range

std::vector<double> weights_of(const std::vector<ApplicationShare>& shares) {
  std::vector<double> weights;
  weights.reserve(shares.size());
  for (const ApplicationShare& share : shares) weights.push_back(share.weight);
  return weights;
}

Nanos offset(const std::vector<Nanos>& offsets, std::uint32_t index) {
  return index < offsets.size() ? offsets[index] : 0;
}

// What it and what follows it is expected to take.
Nanos rest_of(const Work& work) {
  return std::max<Nanos>(0, work.deadline - work.latest_start);
}

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

Ranker::Ranker(const std::vector<ApplicationShare>& applications, Order order, Nanos ageing,
               const Clock& clock)
    : applications_(applications.size()),
      priorities_(new std::atomic<int>[applications.size()]),
      ageing_(ageing),
      clock_(clock),
      order_(order),
      fair_(weights_of(applications)) {
  set_shares(applications);
  set_order(order);
}

void Ranker::set_shares(const std::vector<ApplicationShare>& applications) {
  for (std::size_t i = 0; i < applications.size(); ++i)
    priorities_[i].store(applications[i].priority, relaxed);
  fair_.set_weights(weights_of(applications));
}

void Ranker::set_order(Order order) {
  // Virtual time goes on from the clock, so that turns compare with the ranks of other orders.
  if (order == Order::kFair) fair_.advance(clock_.now());
  order_.store(order, relaxed);
}

void Ranker::set_table(std::unique_ptr<RankTable> table) {
  base_.store(table->base, relaxed);
  table_.publish(std::move(table));
}

void Ranker::rank(Work& work, std::uint32_t group) {
  const Order order = order_.load(relaxed);
  const std::uint64_t owners = work.wanted_by.load(relaxed);
  work.flow = kNoFlow;
  work.charged_to = 0;
  work.rank.minor = deadline_rank(work);
  if (order == Order::kFair && owners != 0)
    charge(work, owners);
  else
    work.rank.major =
        order == Order::kTable ? tabled(work, group, owners) : plain(order, work, owners);
}

std::int64_t Ranker::plain(Order order, const Work& work, std::uint64_t owners) const {
  switch (order) {
    case Order::kFifo:
      return work.ready;
    case Order::kLeastSlack:
      return work.latest_start < kNever ? work.latest_start : deadline_rank(work);
    case Order::kPriority:
      return by_priority(work, owners);
    case Order::kMooreHodgson:
      return work.deadline < kNever ? work.deadline + rest_of(work) / kNearlyDone
                                    : deadline_rank(work);
    default:
      return deadline_rank(work);
  }
}

// A step of priority outweighs `ageing` of waiting, so nobody waits for ever.
std::int64_t Ranker::by_priority(const Work& work, std::uint64_t owners) const {
  int priority = owners == 0 ? 0 : INT32_MIN;
  each_application(work, owners, [&](std::uint32_t application) {
    priority = std::max(priority, priorities_[application].load(relaxed));
  });
  return work.ready - priority * std::min(ageing_.load(relaxed), kLongestAgeing);
}

std::int64_t Ranker::tabled(const Work& work, std::uint32_t group, std::uint64_t owners) const {
  return table_.read(reader_number(), [&](const RankTable* table) {
    if (!table) return plain(Order::kEarliestDeadline, work, owners);
    Nanos best = owners == 0 ? 0 : INT64_MAX;
    for (std::uint64_t left = owners; left != 0; left &= left - 1) {
      const Owner& owner = work.owners[std::countr_zero(left)];
      best = std::min(best, offset(table->applications, owner.application) +
                                offset(table->pipelines, owner.pipeline));
    }
    return plain(table->base, work, owners) + best + offset(table->groups, group);
  });
}

std::int64_t Ranker::major_for(const Work& work, std::uint32_t group) const {
  const Order order = order_.load(relaxed);
  const std::uint64_t owners = work.wanted_by.load(relaxed);
  if (order == Order::kTable) return tabled(work, group, owners);
  if (order != Order::kFair) return plain(order, work, owners);
  std::int64_t best = INT64_MAX;
  each_application(work, owners, [&](std::uint32_t application) {
    best = std::min(best, fair_.tag(application));
  });
  return best;
}

// The work waits for a turn of the owner whose turn comes first.
void Ranker::charge(Work& work, std::uint64_t owners) {
  work.charged = work.cost > 0 ? work.cost : kUnknownCost;
  work.charged_to = owners;
  const Nanos part = work.charged / count_applications(work, owners);
  work.rank.major = INT64_MAX;
  each_application(work, owners, [&](std::uint32_t application) {
    const std::int64_t tag = fair_.charge(application, part);
    if (tag >= work.rank.major) return;
    work.rank.major = tag;
    work.flow = application;
  });
  work.corrected = fair_.corrections(work.flow);
}

void Ranker::drawn(const Work& work) {
  if (work.flow != kNoFlow) fair_.advance(work.rank.major);
}

void Ranker::correct(const Work& work, std::uint64_t owners, Nanos cost) {
  const Nanos part = cost / std::max(1, count_applications(work, owners));
  each_application(work, owners,
                   [&](std::uint32_t application) { fair_.correct(application, part); });
}

void Ranker::settle(Work& work, Nanos took) {
  if (work.charged_to == 0) return;
  const std::uint64_t owners = work.wanted_by.load(relaxed);
  if (owners == work.charged_to) {
    correct(work, owners, took - work.charged);
  } else {  // somebody came while it waited
    correct(work, work.charged_to, -work.charged);
    correct(work, owners, took);
  }
  work.charged_to = 0;
}

}  // namespace edgert
