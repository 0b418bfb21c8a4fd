#include "edgert/infer/measure.h"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "edgert/infer/neighbour.h"

namespace edgert {
namespace {

constexpr std::size_t kMostLanes = 256;

// What the lanes of one measurement share.
struct Course {
  Course(const MeasureOptions& given, std::size_t lanes)
      : options(given), warm(static_cast<std::ptrdiff_t>(lanes)), recording(lanes) {}

  void fail(const Status& status) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (error.ok()) error = status;
    failed = true;
  }

  const MeasureOptions& options;
  std::latch warm;
  std::atomic<std::size_t> recording;  // lanes that haven't recorded enough
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status error;
};

void keep_on(int core) {
  if (core < 0 || core >= CPU_SETSIZE) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof(set), &set);  // a core that isn't ours: any will do
}

Nanos processor_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return Nanos{time.tv_sec} * kSecond + time.tv_nsec;
}

class Lane {
 public:
  Lane(MeasuredLane& lane, LaneTimes& times, Course& course)
      : lane_(lane), times_(times), course_(course) {
    for (const MeasuredStep& step : lane.steps)
      given_.emplace_back(step.outputs.begin(), step.outputs.end());
    if (lane.among) neighbour_.emplace();
    times_.runs.resize(lane.steps.size());
  }

  void operator()() {
    keep_on(lane_.core);
    const bool warm = warm_up();
    course_.warm.arrive_and_wait();
    if (warm) record();
    --course_.recording;
    while (course_.recording > 0 && !course_.failed) round(false);
  }

 private:
  bool warm_up() {
    const Nanos begin = now();
    std::size_t rounds = 0;
    do {
      if (!round(false)) return false;
      ++rounds;
    } while (now() - begin < course_.options.warm && !course_.failed);
    const auto each = std::max<Nanos>((now() - begin) / static_cast<Nanos>(rounds), 1);
    const auto expected = static_cast<std::size_t>(course_.options.lasting / each) * 2 + 16;
    for (auto& runs : times_.runs) runs.reserve(std::min(expected, course_.options.most_rounds));
    return true;
  }

  void record() {
    const MeasureOptions& options = course_.options;
    const Nanos begin = times_.began = now();
    std::size_t rounds = 0;
    while (rounds < options.most_rounds && !course_.failed &&
           (rounds < options.least_rounds || now() - begin < options.lasting)) {
      if (!round(true)) return;
      ++rounds;
    }
    times_.wall = now() - begin;
  }

  // A model that follows itself shall find the core as it left it.
  bool again(std::size_t at) const {
    return at < lane_.steps.size() && lane_.steps[at].session == lane_.steps[at - 1].session;
  }

  bool round(bool recorded) {
    for (std::size_t i = 0; i < lane_.steps.size(); ++i) {
      MeasuredStep& step = lane_.steps[i];
      for (std::size_t k = 0; k < given_[i].size(); ++k)
        if (!given_[i][k]) step.outputs[k].reset();
      const Nanos begin = now();
      if (Status status = step.session->run(step.inputs, step.outputs); !status.ok()) {
        course_.fail(status);
        return false;
      }
      if (recorded) times_.runs[i].push_back(now() - begin);
      if (neighbour_ && !again(i + 1)) (void)neighbour_->run();
    }
    return true;
  }

  MeasuredLane& lane_;
  LaneTimes& times_;
  Course& course_;
  std::vector<std::vector<Tensor>> given_;  // the outputs as they came, by step
  std::optional<Neighbour> neighbour_;
};

Status check(const std::vector<MeasuredLane>& lanes) {
  if (lanes.empty()) return Status::invalid("measure", "there is no lane", "give one at least");
  if (lanes.size() > kMostLanes)
    return Status::invalid("measure", std::to_string(lanes.size()) + " lanes are too many",
                           "give at most " + std::to_string(kMostLanes));
  for (const MeasuredLane& lane : lanes)
    if (lane.steps.empty())
      return Status::invalid("measure", "a lane has nothing to run", "give it a session");
  return {};
}

}  // namespace

Result<Measured> measure(std::vector<MeasuredLane>& lanes, const MeasureOptions& options) {
  EDGERT_RETURN_IF_ERROR(check(lanes));
  Measured measured;
  measured.lanes.resize(lanes.size());
  Course course(options, lanes.size());
  std::vector<std::thread> threads;
  threads.reserve(lanes.size());
  try {
    for (std::size_t i = 0; i < lanes.size(); ++i)
      threads.emplace_back(Lane(lanes[i], measured.lanes[i], course));
  } catch (const std::system_error& error) {
    course.fail({Code::kExhausted, "measure", error.what(), "run fewer instances at once"});
    const std::size_t missing = lanes.size() - threads.size();
    course.recording -= missing;
    course.warm.count_down(static_cast<std::ptrdiff_t>(missing));
  }
  course.warm.wait();
  const Nanos began = now(), spent = processor_time();
  for (std::thread& thread : threads) thread.join();
  measured.busy_cores = static_cast<double>(processor_time() - spent) /
                        static_cast<double>(std::max<Nanos>(now() - began, 1));
  if (!course.error.ok()) return course.error;
  return measured;
}

}  // namespace edgert
