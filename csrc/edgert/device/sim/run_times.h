// How long runs take on a simulated device: what a Profile document says of its models, and what
// transforms cost.
//
// A run has a length, drawn when it begins from the spread of times that was measured with one run
// at once, and a speed, which changes as runs begin and end beside it: with n runs of its own model
// it is by how much slower n instances were measured than one, and each run of another model slows
// it by what the two were measured to slow each other.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "edgert/base/clock.h"

namespace edgert {

// Of one model, as Profile documents have it: so many runs at once, each on so many threads and of
// so many items. Times in nanoseconds.
struct RunPoint {
  int instances = 1, threads = 1, batch = 1;
  double p50 = 0, p90 = 0, p99 = 0;
  double spread = 0;  // the middle half of the runs lies within this part of the median
};

// By how much its median grows while runs of another model take turns beside it.
struct BesideOther {
  int model = -1;  // of the plan
  double slowdown = 1;
};

struct ModelTimes {
  int threads = 1;  // of a run
  std::vector<RunPoint> points;
  std::vector<BesideOther> beside;
  double idle = 0;  // what a run takes longer that finds its stream idle: it is told to begin first
};

struct DeviceTimes {
  std::vector<ModelTimes> models;  // as the plan's; one without points takes no time
  std::vector<Nanos> nodes;        // of transforms, by node of the plan; missing ones take no time
};

class RunTimes {
 public:
  explicit RunTimes(const DeviceTimes& times);

  // Alone, where a share `at` (0 to 1) of the runs is faster. In nanoseconds.
  double length(int model, int items, double at) const;
  double length(int node) const;  // of a transform
  // What a run takes beyond that where nothing was ahead of it on its stream.
  double idle(int model) const { return models_[static_cast<std::size_t>(model)].idle; }
  // By how much a run takes longer while it is one of `running` of its own model.
  double slowdown(int model, int running) const;
  // What one run of `other` beside it adds to that.
  double slowdown_by(int model, int other) const {
    return beside_[static_cast<std::size_t>(model) * models_.size() +
                   static_cast<std::size_t>(other)];
  }

 private:
  struct Quantiles {
    double value[7];  // at kShares of the runs, relative to the median
  };
  struct Model {
    std::vector<std::pair<int, double>> batches;  // items, and the median with one instance
    std::vector<double> crowd;                    // slowdown by instances, from 1
    Quantiles spread;
    double idle = 0;
  };
  static Model read(const ModelTimes& times);
  void fill_beside(const DeviceTimes& times);

  std::vector<Model> models_;
  std::vector<double> beside_;
  std::vector<Nanos> nodes_;
};

}  // namespace edgert
