// What runs of sessions take, alone and while others run: lanes that go through their sessions
// again and again, all at once, for some time.
//
// Each lane is a thread made for it. Recording begins when all lanes are warm, and no lane rests
// before the last one has recorded enough, so every time was taken among all the others.
#pragma once

#include <cstddef>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/infer/backend.h"

namespace edgert {

// One session and what it is given at each run. Nobody else may use the session meanwhile.
struct MeasuredStep {
  Session* session = nullptr;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;  // one a model's output; empty ones are the engine's, anew each run
};

// What one lane does in a round, in this order.
struct MeasuredLane {
  std::vector<MeasuredStep> steps;
  int core = -1;  // that its thread is kept on; -1: any
  // Among other work: after each run, but one that the same session follows in the round, something
  // else is done (neighbour.h).
  bool among = false;
};

struct MeasureOptions {
  Nanos warm = 0;                // of rounds before recording; one round at least
  Nanos lasting = kSecond;       // of recording
  std::size_t least_rounds = 1;  // even if that takes longer
  std::size_t most_rounds = 1'000'000;
};

struct LaneTimes {
  std::vector<std::vector<Nanos>> runs;  // by step
  Nanos began = 0;                       // its recorded rounds, on the steady clock
  Nanos wall = 0;                        // that they took
};

struct Measured {
  std::vector<LaneTimes> lanes;
  double busy_cores = 0;  // processor time of this process over wall time, meanwhile
};

// Blocks until it is done. The first error of a run ends it all and is returned; kInvalid for no
// lane, a lane without steps, or more than 256 lanes; kExhausted where a thread can't be made.
Result<Measured> measure(std::vector<MeasuredLane>& lanes, const MeasureOptions& options);

}  // namespace edgert
