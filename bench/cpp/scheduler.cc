// What the scheduler itself costs, alone and against other queues. Each mode prints one JSON line.
//   scheduler dispatch QUEUE TASKS LANES PRODUCERS  tasks that do nothing; QUEUE: edgert-ORDER,
//                                                    heap (a mutex and a heap), tbb
//   scheduler wake QUEUE ROUNDS                      from submitting to running, on sleeping lanes
//   scheduler flows FLOWS GROUPS ROUNDS              a dispatch with so many flows, all non-empty
//   scheduler idle SECONDS                           processor time of lanes with nothing to do
//   scheduler fairness SECONDS                       applications of other weights, one floods
//   scheduler expiry ROUNDS                          how late deadlines are told, lanes busy
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "scheduler_sides.h"

namespace edgert::bench {
namespace {

using Side = std::unique_ptr<Tasks>;

Side make_side(const std::string& name, int lanes) {
  if (name == "heap") return std::make_unique<HeapTasks>(lanes);
#ifdef EDGERT_BENCH_TBB
  if (name == "tbb") return std::make_unique<TbbTasks>(lanes);
#endif
  const auto order =
      order_from_name(name.starts_with("edgert-") ? name.substr(7) : std::string("none"));
  if (!order) {
    std::fprintf(stderr, "no queue '%s' in this build\n", name.c_str());
    std::exit(3);
  }
  return std::make_unique<EdgertTasks>(lanes, *order, 1, 64);
}

// Each producer keeps `kAhead` tasks waiting, so that lanes never starve and queues stay short.
double dispatch(Tasks& tasks, long count, int producers) {
  constexpr long kAhead = 256;
  constexpr Nanos kCost = 100;  // as node times would tell
  const long before = tasks.done();
  const Nanos start = now();
  std::vector<std::thread> threads;
  for (int p = 0; p < producers; ++p)
    threads.emplace_back([&, p] {
      std::vector<Task> own(static_cast<std::size_t>(2 * kAhead));
      const long share = count / producers;
      for (long i = 0; i < share; ++i) {
        Task& task = own[static_cast<std::size_t>(i) % own.size()];
        while (task.busy.load(std::memory_order_acquire)) std::this_thread::yield();
        task.busy.store(true, std::memory_order_relaxed);
        task.ready = start + i;
        task.deadline = start + (i * 7919 + p) % 100'000;
        task.cost = kCost;
        tasks.submit(task, 0);
      }
      for (Task& task : own)
        while (task.busy.load(std::memory_order_acquire)) std::this_thread::yield();
    });
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(now() - start) / static_cast<double>(tasks.done() - before);
}

double wake(Tasks& tasks, int rounds) {
  std::vector<double> times;
  Task task;
  for (int i = 0; i < rounds; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    task.busy.store(true);
    const Nanos start = now();
    tasks.submit(task, 0);
    while (task.busy.load(std::memory_order_acquire)) std::this_thread::yield();
    times.push_back(static_cast<double>(task.ran_at - start));
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

// Draws and submits again, with another deadline each time: all flows stay non-empty.
double flows(std::uint32_t count, std::uint32_t groups, long rounds) {
  std::vector<ApplicationShare> shares(std::max<std::uint32_t>(1, count / groups));
  Ranker ranker(shares, Order::kEarliestDeadline);
  ReadySet ready(groups);
  std::vector<std::unique_ptr<Group>> all;
  for (std::uint32_t i = 0; i < groups; ++i)
    all.push_back(std::make_unique<Group>(i, 2, ready, &ranker.shares()));
  std::vector<Task> tasks(count);
  std::uint64_t random = 88172645463325252ULL;
  const auto submit = [&](Task& task) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    task.deadline = static_cast<Nanos>(random % 1'000'000'000);
    ranker.rank(task, task.group);
    all[task.group]->submit(&task);
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    tasks[i].group = i % groups;
    submit(tasks[i]);
  }
  const Nanos start = now();
  for (long i = 0; i < rounds; ++i) {
    const std::uint32_t group = ready.best();
    const Group::Draw draw = all[group]->draw();
    all[group]->give_back(draw.instance);
    submit(*static_cast<Task*>(draw.first));
  }
  return static_cast<double>(now() - start) / static_cast<double>(rounds);
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

// A hundred flows that get a task each now and then: ten thousand tasks a second would be load,
// a hundred are an idle box.
double idle(double seconds) {
  EdgertTasks tasks(2, Order::kEarliestDeadline, 100, 1);
  std::vector<Task> all(100);
  const double before = processor_seconds();
  const Nanos start = now(), end = start + static_cast<Nanos>(seconds * 1e9);
  for (std::size_t i = 0; now() < end; ++i) {
    Task& task = all[i % all.size()];
    if (!task.busy.exchange(true)) tasks.submit(task, static_cast<std::uint32_t>(i % all.size()));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return (processor_seconds() - before) / (static_cast<double>(now() - start) * 1e-9);
}

double jain(const std::vector<double>& shares) {
  double sum = 0, squares = 0;
  for (double share : shares) sum += share, squares += share * share;
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

// Application 0 keeps a thousand times as many tasks waiting as the others.
double fairness(double seconds) {
  const std::vector<double> weights{1, 1, 2, 4};
  std::vector<ApplicationShare> shares;
  for (double weight : weights) shares.push_back({weight, 0});
  FairTasks tasks(2, shares, 1000, 200'000);
  const std::vector<double> used = tasks.run(static_cast<Nanos>(seconds * 1e9));
  std::vector<double> parts;
  for (std::size_t i = 0; i < used.size(); ++i) parts.push_back(used[i] / weights[i]);
  return jain(parts);
}

// Deadlines at random moments, while lanes run 30 ms of work each.
void expiry(int rounds) {
  std::vector<Task> work(4);
  for (Task& task : work) task.spin = 30 * kMillisecond;
  struct Seen {
    std::vector<double> late;
    std::atomic<int> count{0};
  } seen;
  seen.late.resize(static_cast<std::size_t>(rounds));
  Expiry timer(
      [](void* context, const Expiry::Entry& entry) {
        auto& to = *static_cast<Seen*>(context);
        to.late[static_cast<std::size_t>(to.count.fetch_add(1))] =
            static_cast<double>(now() - entry.when);
      },
      &seen);
  const bool raised = timer.start();
  EdgertTasks busy(2, Order::kFifo, 1, 64, raised ? 0 : 5);
  unsigned random = 7;
  for (int i = 0; i < rounds; ++i) {
    for (Task& task : work)
      if (!task.busy.exchange(true)) busy.submit(task, 0);
    random = random * 1664525 + 1013904223;
    timer.add({now() + (random >> 8) % (8 * kMillisecond), nullptr, 0, 0});
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  while (seen.count.load() < rounds) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (Task& task : work) task.spin = 0;
  timer.stop();
  std::ranges::sort(seen.late);
  std::printf("{\"raised\": %d, \"ms_p50\": %.4f, \"ms_p99\": %.4f}\n", raised ? 1 : 0,
              seen.late[seen.late.size() / 2] / 1e6, seen.late[seen.late.size() * 99 / 100] / 1e6);
}

int main_of(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "dispatch" && argc == 6) {
    const Side side = make_side(argv[2], std::atoi(argv[4]));
    dispatch(*side, std::atol(argv[3]) / 10, std::atoi(argv[5]));
    std::printf("{\"ns\": %.2f}\n", dispatch(*side, std::atol(argv[3]), std::atoi(argv[5])));
  } else if (mode == "wake" && argc == 4) {
    std::printf("{\"ns\": %.1f}\n", wake(*make_side(argv[2], 2), std::atoi(argv[3])));
  } else if (mode == "flows" && argc == 5) {
    const auto count = static_cast<std::uint32_t>(std::atoi(argv[2]));
    std::printf("{\"ns\": %.2f}\n",
                flows(count, static_cast<std::uint32_t>(std::atoi(argv[3])), std::atol(argv[4])));
  } else if (mode == "idle" && argc == 3) {
    std::printf("{\"cores\": %.5f}\n", idle(std::atof(argv[2])));
  } else if (mode == "fairness" && argc == 3) {
    std::printf("{\"jain\": %.5f}\n", fairness(std::atof(argv[2])));
  } else if (mode == "expiry" && argc == 3) {
    expiry(std::atoi(argv[2]));
  } else {
    std::fprintf(stderr, "usage: see the head of bench/cpp/scheduler.cc\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace edgert::bench

int main(int argc, char** argv) {
  return edgert::bench::main_of(argc, argv);
}
