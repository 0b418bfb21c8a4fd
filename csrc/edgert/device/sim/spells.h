// Slow runs come in spells: what else wants a core takes it again and again for some time, and
// queues grow meanwhile. Drawn one by one, as many slow runs would hardly meet each other.
//
// Whether it is a spell changes at random with time; each has a lane that it disturbs most. A run
// that begins within one is one of the slow ones with some probability, outside it never is; over
// time a run is slow as often as was measured.
#pragma once

#include <cstdint>

#include "edgert/base/clock.h"
#include "edgert/base/random.h"

namespace edgert {

// As a Profile measured it, with so many lanes at work.
struct SpellTimes {
  double share = 0;  // of the runs are called slow, the slowest of each model; 0: not measured
  int lanes = 1;
  // How many of the runs are slow that come just after a slow one, on its lane and on others, and
  // nanoseconds until all but 1/e of what is more than `share` of that is over.
  double same = 0, others = 0, lasting = 0;
};

class Spells {
 public:
  // `lanes`: of the simulated box. Equal seeds give equal spells.
  Spells(const SpellTimes& times, int lanes, std::uint64_t seed);

  // The part of a model's runs that take less than one which begins on that lane then: even over 0
  // to 1, taken over long times. `time` doesn't descend.
  double draw(int lane, Nanos time, Random& random);
  bool within() const { return within_; }

 private:
  void pass_to(Nanos time);
  double apart() const;

  const double share_;
  const int lanes_;
  double most_ = 0, usual_ = 0;     // how probable slow runs are: on a spell's lane, on the others
  double lasting_ = 0, apart_ = 0;  // nanoseconds on average: of a spell, between two
  Random random_;
  bool within_ = false;
  int lane_ = 0;                // that the spell disturbs most
  double change_ = 0;           // when it ends, or the next one begins
  double runs_ = 0, slow_ = 0;  // so far
};

}  // namespace edgert
