#include "edgert/plan/node_times.h"

#include <algorithm>
#include <numeric>

namespace edgert {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::uint32_t kFirst = 16;  // runs that are looked at closely
constexpr Nanos kMostTimes = 4;       // a run that took more counts as that much: it was disturbed
constexpr int kNear = 8;              // runs: a long one after as many that weren't is a single one
constexpr std::uint32_t kTried = 16;  // of hopeless work, each so many-th
constexpr int kMostFaster = 3;        // after so many runs in a row only the last one counts

}  // namespace

void NodeTimes::follow(const NodeTimes& before) {
  const auto copy = [](auto& to, const auto& from) { to.store(from.load(relaxed), relaxed); };
  copy(expected_, before.expected_);
  copy(quick_, before.quick_);
  copy(rows_, before.rows_);
  copy(cost_, before.cost_);
  copy(runs_, before.runs_);
}

void NodeTimes::go_on_as(const NodeTimes& there) {
  follow(there);
  look_ahead();
}

void NodeTimes::prepare(Nanos expected, std::size_t owners, std::vector<Following> followers) {
  if (runs_.load(relaxed) == 0) expected_.store(expected, relaxed);
  std::ranges::stable_sort(followers, {}, &Following::owner);
  followers_.clear();
  for (const Following& each : followers) followers_.push_back(each.follower);
  ends_.assign(owners, 0);
  for (const Following& each : followers) ++ends_[each.owner];
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  rest_.reset(new std::atomic<Nanos>[owners]);
  for (std::size_t i = 0; i < owners; ++i) rest_[i].store(expected_.load(relaxed), relaxed);
}

Nanos NodeTimes::longest_behind(std::size_t owner,
                                Nanos (NodeTimes::*of)(std::size_t) const) const {
  Nanos longest = 0;
  for (std::size_t i = owner == 0 ? 0 : ends_[owner - 1]; i < ends_[owner]; ++i)
    longest = std::max(longest, (followers_[i].times->*of)(followers_[i].owner));
  return longest;
}

// What counts of a run: all of it, but of a single long one little. That one was mostly disturbed,
// and whatever comes next would look hopeless; where the box grew slower, or runs are of two
// lengths, another long one is near.
Nanos NodeTimes::undisturbed(Nanos took) {
  const Nanos before = expected(), most = before + before / 2;
  const int since = since_long_.load(relaxed);
  const bool is_long = before > 0 && took > most;
  since_long_.store(static_cast<std::uint16_t>(is_long ? 0 : std::min(since + 1, kNear)), relaxed);
  return is_long && since == kNear ? most : took;
}

// An eighth of each run, more of the first ones, and the more of them the more in a row are much
// faster than was thought: a time that a disturbance made too long keeps work from being admitted,
// so the few runs that are tried all the same have to put it right.
void NodeTimes::average(std::atomic<Nanos>& of, Nanos took, std::uint32_t runs, int faster) {
  const Nanos before = of.load(relaxed);
  if (before > 0 && runs >= kFirst) took = std::min(took, kMostTimes * before);
  const Nanos part = before == 0 ? 1 : std::min<Nanos>(runs + 2, 8 >> faster);
  of.store(before + (took - before) / part, relaxed);
}

// How many runs in a row were, before this one, when it is much faster, too.
int NodeTimes::much_faster(Nanos took) {
  const bool faster = 2 * took < expected();
  const int before = faster ? faster_.load(relaxed) : 0;
  faster_.store(static_cast<std::uint16_t>(faster ? std::min(before + 1, kMostFaster) : 0),
                relaxed);
  return before;
}

// An expectile (Newey and Powell, 1987): a run that is quicker pulls sixteen times as hard as one
// that is slower, so about a tenth of the runs are quicker. One that is slower by a disturbance
// moves it by little, and it follows a box that grows faster or slower.
void NodeTimes::lower_bound(Nanos took) {
  const Nanos before = quick_.load(relaxed);
  if (before == 0) return quick_.store(took, relaxed);
  const Nanos off = std::min(took, kMostTimes * before) - before;
  quick_.store(before + off / (off < 0 ? 4 : 64), relaxed);
}

Nanos NodeTimes::least_rest(std::size_t owner) const {
  const Nanos mean = expected_.load(relaxed);
  if (runs_.load(relaxed) < kFirst || mean == 0) return 0;
  const double part = static_cast<double>(quick_.load(relaxed)) / static_cast<double>(mean);
  return static_cast<Nanos>(static_cast<double>(rest(owner)) * std::min(part, 1.0));
}

Nanos NodeTimes::rest_now(std::size_t owner) const {
  return expected() + longest_behind(owner, &NodeTimes::rest_now);
}

bool NodeTimes::try_all_the_same() {
  return hopeless_.fetch_add(1, relaxed) % kTried == kTried - 1;
}

bool NodeTimes::look_ahead() {
  bool changed = false;
  const Nanos own = expected_.load(relaxed);
  for (std::size_t owner = 0; owner < ends_.size(); ++owner) {
    const Nanos rest = own + longest_behind(owner, &NodeTimes::rest);
    changed |= rest_[owner].exchange(rest, relaxed) != rest;
  }
  return changed;
}

void NodeTimes::observe(Nanos took, int batch) {
  const std::uint32_t runs = runs_.load(relaxed);
  runs_.store(runs + 1, relaxed);
  if (took > 0 && batch == 1) {
    average(expected_, undisturbed(took), runs, much_faster(took));
    lower_bound(took);
    hopeless_.store(0, relaxed);  // it is measured: nothing needs trying
  }
  if (took > 0 && (batch > 1 || cost_.load(relaxed) > 0)) average(cost_, took / batch, runs, 0);
  if (runs < kFirst || runs % 8 == 0 || faster_.load(relaxed) > 0) look_ahead();
}

}  // namespace edgert
