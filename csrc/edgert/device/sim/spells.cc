#include "edgert/device/sim/spells.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

constexpr double kMostOfTime = 0.95;  // else nothing would be left to come in spells
constexpr double kFirst = 20;         // slow runs that are expected before these are counted
constexpr double kShortest = 1e5;  // ns: an hour has so many spells that they can be gone through

}  // namespace

// Of n lanes one has slow runs with probability a, the others with b. After a slow run they are
// slow with (a^2 + (n-1) b^2) / m on its lane, and (2ab + (n-2) b^2) / m on another one, where
// m = a + (n-1) b. Both are known, and solved for a and b.
Spells::Spells(const SpellTimes& times, int lanes, std::uint64_t seed)
    : share_(times.share), lanes_(lanes), random_(seed, 1) {
  if (share_ <= 0) return;
  const double same = std::clamp(times.same, share_, 1.0);
  const double others = times.lanes > 1 ? std::clamp(times.others, share_, same) : 0;
  const double sum = same + (times.lanes - 1) * others;
  const double more = std::sqrt(sum * (same - others));
  usual_ = times.lanes > 1 ? (sum - more) / times.lanes : 0;
  most_ = std::min(usual_ + more, 1.0);
  const double here = (most_ + (lanes - 1) * usual_) / lanes;
  const double part = std::min(share_ / here, kMostOfTime);  // of the time
  // What is left of a correlation decays as fast as spells begin and end.
  const double lasting = std::max(times.lasting, kShortest);
  lasting_ = lasting / (1 - part);
  apart_ = lasting / part;
  change_ = apart_ * random_.exponential();
}

// Fewer runs begin in a second of a spell than in another one, as they take longer: so spells come
// sooner while too few runs were slow.
double Spells::apart() const {
  return apart_ * std::clamp((slow_ + kFirst) / (share_ * runs_ + kFirst), 0.25, 4.0);
}

void Spells::pass_to(Nanos time) {
  while (change_ <= static_cast<double>(time)) {
    within_ = !within_;
    if (within_) lane_ = static_cast<int>(random_.uniform() * lanes_);
    change_ += (within_ ? lasting_ : apart()) * random_.exponential();
  }
}

double Spells::draw(int lane, Nanos time, Random& random) {
  if (share_ <= 0) return random.uniform();
  pass_to(time);
  const double slow = !within_ ? 0 : lane == lane_ ? most_ : usual_;
  ++runs_;
  if (random.uniform() >= slow) return (1 - share_) * random.uniform();
  ++slow_;
  return 1 - share_ * random.uniform();
}

}  // namespace edgert
