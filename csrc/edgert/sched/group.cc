#include "edgert/sched/group.h"

#include <algorithm>
#include <bit>

namespace edgert {

Group::Group(std::uint32_t id, int instances, Order order, ReadySet& ready)
    : id_(id),
      order_(order),
      ready_(ready),
      free_(instances >= kMaxInstances ? ~std::uint64_t{0}
                                       : (std::uint64_t{1} << instances) - 1) {
  heap_.reserve(256);
}

void Group::submit(Work* work) {
  const std::int64_t key = rank_of(*work, order_).major;
  waiting_.fetch_add(1, std::memory_order_seq_cst);
  intake_.push(work);
  ready_.lower_key(id_, key);
  ready_.mark(id_);
}

void Group::drain() {
  for (Work* work = intake_.take_all(); work;) {
    Work* following = work->next;
    heap_.push_back(work);
    std::push_heap(heap_.begin(), heap_.end(), [this](Work* a, Work* b) { return later(a, b); });
    work = following;
  }
}

Work* Group::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), [this](Work* a, Work* b) { return later(a, b); });
  Work* work = heap_.back();
  heap_.pop_back();
  return work;
}

Group::Draw Group::draw() {
  // Acquire: sees the heap as the last claimant left it.
  if (claimed_.exchange(true, std::memory_order_acquire)) return {nullptr, -1, true, false};
  Draw draw;
  ready_.clear(id_);
  ready_.set_key(id_, ReadySet::kLast);
  drain();
  const std::uint64_t free = free_.load(std::memory_order_seq_cst);
  if (!heap_.empty() && free != 0) {
    draw.work = pop();
    draw.instance = std::countr_zero(free);
    // Only the claimant takes bits, so the bit is still there.
    free_.fetch_and(~(std::uint64_t{1} << draw.instance), std::memory_order_seq_cst);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  if (!heap_.empty()) {
    ready_.lower_key(id_, rank_of(*heap_.front(), order_).major);
    draw.more = free_.load(std::memory_order_seq_cst) != 0;
    if (draw.more) ready_.mark(id_);
  }
  // Release: hands the heap to the next claimant.
  claimed_.store(false, std::memory_order_release);
  return draw;
}

bool Group::give_back(int instance) {
  free_.fetch_or(std::uint64_t{1} << instance, std::memory_order_seq_cst);
  if (waiting_.load(std::memory_order_seq_cst) <= 0) return false;
  ready_.mark(id_);
  return true;
}

}  // namespace edgert
