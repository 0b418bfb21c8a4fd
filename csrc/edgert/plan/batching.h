// How works of one model run as one: whether the model allows it, what a run of so many takes, how
// many are worth it, and the memory in which their inputs meet.
//
// The first axis of all inputs and outputs counts items. It is free in the file, or fixed: then
// each run is filled up to that many.
// Thread rule: check_batch() and make() before anything runs. One thread at a time uses an
// instance's inputs. All else from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/histogram.h"
#include "edgert/infer/backend.h"
#include "edgert/memory/pool.h"
#include "edgert/plan/spec.h"

namespace edgert {

inline constexpr int kMostBatch = 64;

// How many items a run of the file takes: 0 where that is free; kInvalid with the reason where runs
// of several can't be told apart by their first axis, or where `spec.batch` is more than it takes.
Result<int> check_batch(const ModelSpec& spec, const ModelIo& io);

// What steps feed and get: of a file that takes `fixed` items a run, one.
ModelIo io_of_items(ModelIo io, int fixed);

Shape with_items(Shape shape, std::int64_t items);

class Batching {
 public:
  Batching(int most, int fixed) : most_(most), fixed_(fixed), allowed_(most), worth_(most) {}

  int most() const { return most_; }
  int fixed() const { return fixed_; }  // items that each run takes; 0: as many as there are
  // Of a run with so many items; those behind them are filled up.
  int rows(int items) const {
    const int padded = padded_[static_cast<std::size_t>(items)];
    return fixed_ > 0 ? fixed_ : std::max(items, padded);
  }
  // Runs of more than `above` items and fewer than `rows` are filled up to that. Before anything
  // runs.
  void pad(int above, int rows);

  // What a policy decides, 1 to most().
  void allow(int items) { allowed_.store(items, std::memory_order_relaxed); }
  // Items of one run at most, by the file, the policy, and what was measured.
  int limit() const { return std::min(allowed_.load(std::memory_order_relaxed), worth_); }

  // What a run of so many is expected to take; 0: unknown.
  Nanos expected(int items) const { return at(items).load(std::memory_order_relaxed); }
  void observe(int items, Nanos took);
  // Sets what runs of 1, 2, 4... items take; sizes between them lie between. Runs that don't take
  // less for each item than smaller ones are not made.
  void set_measured(const std::vector<std::pair<int, Nanos>>& measured);

  // Runs as single items from now on, unless the file takes several. Before anything runs.
  void refuse(std::string why);
  const std::string& refused() const { return refused_; }

  // Of one instance and input, room for most() items.
  std::vector<std::vector<Tensor>> inputs;
  // By output, room for most() items; null where it stays in the engine's memory.
  std::vector<std::unique_ptr<BufferPool>> outputs;
  std::uint64_t bytes() const;               // of both, as far as they are there
  Counter copied;                            // bytes, to bring items together
  std::array<Counter, kMostBatch + 1> runs;  // by their items

 private:
  const std::atomic<Nanos>& at(int items) const { return times_[static_cast<std::size_t>(items)]; }

  const int most_, fixed_;
  std::atomic<int> allowed_;
  int worth_;
  std::array<int, kMostBatch + 1> padded_{};  // rows, by items; 0: they are not filled up
  std::array<std::atomic<Nanos>, kMostBatch + 1> times_{};
  std::string refused_;
};

}  // namespace edgert
