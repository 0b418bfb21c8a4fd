// The queues that are compared: each takes tasks and runs them on its own threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#ifdef EDGERT_BENCH_TBB
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#endif

#include "edgert/runtime/expiry.h"
#include "edgert/sched/scheduler.h"

namespace edgert::bench {

struct Task : Work {
  std::atomic<bool> busy{false};  // submitted and not done
  std::atomic<Nanos> spin{0};     // how long it runs
  std::uint32_t group = 0;
  Nanos ran_at = 0;
};

class Tasks {
 public:
  virtual ~Tasks() = default;
  virtual void submit(Task& task, std::uint32_t group) = 0;
  long done() const { return done_.load(std::memory_order_relaxed); }

 protected:
  static void run(Task& task) {
    const Nanos begun = task.ran_at = now();
    for (const Nanos end = begun + task.spin.load(); now() < end;) {
    }
  }
  void end(Task& task) {  // it may be submitted again
    done_.fetch_add(1, std::memory_order_relaxed);
    task.busy.store(false, std::memory_order_release);
  }

 private:
  std::atomic<long> done_{0};
};

class EdgertTasks : public Tasks, private Runner {
 public:
  EdgertTasks(int lanes, Order order, std::uint32_t groups, int instances, int niceness = 0)
      : ranker_(order), scheduler_(lanes, ranker_, groups, *this) {
    for (std::uint32_t i = 0; i < groups; ++i) scheduler_.add_group(instances);
    scheduler_.start(niceness);
  }
  ~EdgertTasks() override { scheduler_.stop(); }
  void submit(Task& task, std::uint32_t group) override { scheduler_.submit(group, &task); }

 private:
  void run(Work* works, std::uint32_t, int, Lane&) override {
    for (Work* work = works; work; work = work->next) Tasks::run(*static_cast<Task*>(work));
  }
  void settle(Work* work, Lane&) override { end(*static_cast<Task*>(work)); }
  Ranker ranker_;
  Scheduler scheduler_;
};

// A mutex, a heap by deadline and a condition variable.
class HeapTasks : public Tasks {
 public:
  explicit HeapTasks(int lanes) {
    for (int i = 0; i < lanes; ++i) threads_.emplace_back([this] { loop(); });
  }
  ~HeapTasks() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    arrived_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void submit(Task& task, std::uint32_t) override {
    {
      const std::lock_guard lock(mutex_);
      heap_.push(&task);
    }
    arrived_.notify_one();
  }

 private:
  struct Later {
    bool operator()(const Task* a, const Task* b) const { return a->deadline > b->deadline; }
  };
  void loop() {
    for (;;) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return stopping_ || !heap_.empty(); });
      if (heap_.empty()) return;
      Task* task = heap_.top();
      heap_.pop();
      lock.unlock();
      run(*task);
      end(*task);
    }
  }
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::priority_queue<Task*, std::vector<Task*>, Later> heap_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

#ifdef EDGERT_BENCH_TBB
class TbbTasks : public Tasks {
 public:
  explicit TbbTasks(int lanes)
      : control_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(lanes) + 1),
        arena_(lanes, 0) {
    arena_.initialize();
  }
  void submit(Task& task, std::uint32_t) override {
    arena_.enqueue([this, &task] {
      run(task);
      end(task);
    });
  }

 private:
  tbb::global_control control_;
  tbb::task_arena arena_;
};
#endif

// Applications that keep tasks of `spin` ns waiting on one model, the first one `flood` times as
// many as the others; and what each got.
class FairTasks : private Runner {
 public:
  FairTasks(int lanes, const std::vector<ApplicationShare>& shares, int flood, Nanos spin)
      : ranker_(shares, Order::kFair),
        scheduler_(lanes, ranker_, 1, *this),
        used_(shares.size()),
        spin_(spin) {
    scheduler_.add_group(lanes);
    for (std::uint32_t i = 0; i < shares.size(); ++i) owners_.push_back({i, i});
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const int count = 4 * (i == 0 ? flood : 1);
      for (int n = 0; n < count; ++n) add(i);
    }
  }
  ~FairTasks() override { scheduler_.stop(); }

  std::vector<double> run(Nanos time) {
    for (auto& task : tasks_) scheduler_.submit(0, task.get());
    scheduler_.start();
    std::this_thread::sleep_for(std::chrono::nanoseconds(time));
    std::vector<double> used;
    for (const auto& of : used_) used.push_back(static_cast<double>(of.load()));
    return used;
  }

 private:
  void add(std::size_t owner) {
    tasks_.push_back(std::make_unique<Task>());
    Task& task = *tasks_.back();
    task.owners = owners_.data();
    task.wanted_by.store(std::uint64_t{1} << owner);
    task.cost = spin_;
  }
  void run(Work* works, std::uint32_t, int, Lane&) override {
    for (Work* work = works; work; work = work->next) {
      const Nanos begun = now();
      while (now() < begun + spin_) {
      }
      static_cast<Task*>(work)->ran_at = now() - begun;
    }
  }
  void settle(Work* work, Lane&) override {
    const Nanos took = static_cast<Task*>(work)->ran_at;
    each_application(*work, work->wanted_by.load(),
                     [&](std::uint32_t application) { used_[application].fetch_add(took); });
    ranker_.settle(*work, took);
    scheduler_.submit(0, work);
  }
  Ranker ranker_;
  Scheduler scheduler_;
  std::vector<Owner> owners_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<std::atomic<Nanos>> used_;
  const Nanos spin_;
};

}  // namespace edgert::bench
