// What a node is expected to take, and what comes after it on the way to each owner's result:
// measured while it runs, or given by a profile until then.
//
// The way is the longest one, over nodes that the owner always wants; behind an open condition,
// over all that it opens. Each node looks at those that follow it only, so a change at the end is
// known at the beginning some frames later. Rows of an each-node count as one.
// Thread rule: read from any thread; observe() too: of two at once one may be lost.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "edgert/base/clock.h"

namespace edgert {

class NodeTimes {
 public:
  struct Follower {
    const NodeTimes* times;
    std::size_t owner;  // the same one's place among the follower's owners
  };

  // Before prepare(): goes on with what was measured there.
  void follow(const NodeTimes& before);
  // The node runs elsewhere from now on, where its runs take what was measured there. Any time.
  void go_on_as(const NodeTimes& there);
  // One of those that follow, for the owner at that place among the node's.
  struct Following {
    std::size_t owner;
    Follower follower;
  };

  // Before anything runs. `expected` counts where nothing was measured.
  void prepare(Nanos expected, std::size_t owners, std::vector<Following> followers = {});

  // Looks at those that follow again. True: the rest is another than before.
  bool look_ahead();

  // An execution ended that took that long, as one of `batch` that ran at once; 0 for what is
  // worked out on the spot.
  void observe(Nanos took, int batch = 1);

  // Of a run of one.
  Nanos expected() const { return expected_.load(std::memory_order_relaxed); }
  // What an execution costs a lane: less where several run at once.
  Nanos cost() const {
    const Nanos cost = cost_.load(std::memory_order_relaxed);
    return cost > 0 ? cost : expected();
  }
  // Of a gather: what the rows of its newest frame took.
  Nanos rows() const { return rows_.load(std::memory_order_relaxed); }
  void note_rows(Nanos took) { rows_.store(took, std::memory_order_relaxed); }
  // Of this node and the longest way behind it.
  Nanos rest(std::size_t owner) const { return rest_[owner].load(std::memory_order_relaxed); }
  // The same as it is known at this moment, by looking at all of that way.
  Nanos rest_now(std::size_t owner) const;
  // rest() when all is quick: nine of ten runs take longer. 0: too few were measured to tell.
  Nanos least_rest(std::size_t owner) const;
  // For work that seems hopeless by that: true for each so many-th in a row, which is to be run all
  // the same. Else a time that a disturbance made too long would never be measured again.
  bool try_all_the_same();

 private:
  Nanos longest_behind(std::size_t owner, Nanos (NodeTimes::*of)(std::size_t) const) const;
  static void average(std::atomic<Nanos>& of, Nanos took, std::uint32_t runs, int faster);
  int much_faster(Nanos took);
  Nanos undisturbed(Nanos took);
  void lower_bound(Nanos took);

  std::atomic<Nanos> expected_{0}, quick_{0}, rows_{0};
  std::atomic<Nanos> cost_{0};  // 0: as expected_, nothing ran as one of several
  std::atomic<std::uint32_t> runs_{0};
  std::atomic<std::uint16_t> hopeless_{0};
  std::atomic<std::uint16_t> faster_{
      0};  // runs in a row much faster than expected_, kMostFaster at most
  std::atomic<std::uint16_t> since_long_{0};  // runs since one that was long, kNear at most
  std::vector<Follower> followers_;           // one owner's after the other's
  std::vector<std::uint32_t> ends_;           // by owner
  std::unique_ptr<std::atomic<Nanos>[]> rest_;
};

}  // namespace edgert
