// What waits in one group, in the order of its ranks; touched by the group's claimant only.
//
// One heap of plain ranks serves every order, and orders may be mixed in it. Under `fair` work
// waits in a flow of its application, and the flow is one entry of the heap, ranked by its first
// turn: which of the flow's works takes the turn, deadlines say. So deadlines order inside an
// application, and turns order applications. Turns move when an application turns out to have been
// charged too little or too much; that is made up for when its flow comes first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "edgert/sched/fair_share.h"
#include "edgert/sched/work.h"

namespace edgert {

class WaitingHeap {
 public:
  // `shares` is asked for corrections of turns; null: there are none.
  explicit WaitingHeap(const FairShare* shares) : shares_(shares) { entries_.reserve(256); }

  bool empty() const { return entries_.empty(); }
  // Where its best stands among other groups; not when empty.
  std::int64_t best() {
    const Work& work = front();
    return entries_.front().rank.major + work.patience;
  }

  void push(Work* work) {
    Rank rank = work->rank;
    rank.major = std::min(rank.major, work->raised.load(std::memory_order_relaxed));
    if (work->flow == kNoFlow) return insert(entries_, {rank, work, kNoFlow});
    if (work->flow >= flows_.size()) flows_.resize(work->flow + 1);
    Flow& flow = flows_[work->flow];
    const bool first = flow.works.empty();
    insert(flow.works, {{rank.minor, rank.major}, work, kNoFlow});
    flow.turns.push_back(rank.major - work->corrected);
    std::ranges::push_heap(flow.turns, std::greater());
    if (first) insert(entries_, entry_of(work->flow));
  }

  // What pop() would take; not when empty.
  Work& front() {
    while (moved(entries_.front())) {
      const std::uint32_t flow = take(entries_).flow;
      insert(entries_, entry_of(flow));
    }
    const Entry& first = entries_.front();
    return first.work ? *first.work : *flows_[first.flow].works.front().work;
  }
  // The best. Its rank is from now on that which it was taken for: under `fair`, the turn.
  Work* pop() {  // not when empty
    front();
    const Entry first = take(entries_);
    Work* work = first.work ? first.work : pop_flow(first.flow);
    work->rank = first.rank;
    return work;
  }

  // Some work has a better rank than when it was pushed.
  void raise() {
    for (Flow& flow : flows_)
      for (Entry& entry : flow.works) raise_turn(flow, entry);
    for (Entry& entry : entries_) {
      if (entry.work)
        lower(entry.rank.major, *entry.work);
      else
        entry = entry_of(entry.flow);
    }
    std::ranges::make_heap(entries_, later);
  }

 private:
  struct Entry {
    Rank rank;
    Work* work;  // null: the first turn of `flow`
    std::uint32_t flow;
  };
  struct Flow {
    std::vector<Entry> works;         // by deadline; the minor rank is the turn that it brought
    std::vector<std::int64_t> turns;  // less the corrections before them
  };
  static bool later(const Entry& a, const Entry& b) { return b.rank < a.rank; }

  static void insert(std::vector<Entry>& heap, const Entry& entry) {
    heap.push_back(entry);
    std::ranges::push_heap(heap, later);
  }
  Work* pop_flow(std::uint32_t index) {
    Flow& flow = flows_[index];
    Work* work = take(flow.works).work;
    std::ranges::pop_heap(flow.turns, std::greater());
    flow.turns.pop_back();
    if (!flow.works.empty()) insert(entries_, entry_of(index));
    return work;
  }
  static Entry take(std::vector<Entry>& heap) {
    std::ranges::pop_heap(heap, later);
    const Entry first = heap.back();
    heap.pop_back();
    return first;
  }
  std::int64_t corrections(std::uint32_t flow) const {
    return shares_ ? shares_->corrections(flow) : 0;
  }
  Entry entry_of(std::uint32_t flow) const {
    const Flow& of = flows_[flow];
    return {{of.turns.front() + corrections(flow), of.works.front().rank.major}, nullptr, flow};
  }
  bool moved(const Entry& entry) const {
    return !entry.work && entry_of(entry.flow).rank.major > entry.rank.major;
  }
  static bool lower(std::int64_t& major, const Work& work) {
    const std::int64_t raised = work.raised.load(std::memory_order_relaxed);
    if (raised >= major) return false;
    major = raised;
    return true;
  }
  static void raise_turn(Flow& flow, Entry& entry) {
    if (lower(entry.rank.minor, *entry.work))
      flow.turns.front() = std::min(flow.turns.front(), entry.rank.minor - entry.work->corrected);
  }

  const FairShare* shares_;
  std::vector<Entry> entries_;
  std::vector<Flow> flows_;  // by application
};

}  // namespace edgert
