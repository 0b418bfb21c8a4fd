// What the shipped headers need to run under the Relacy model checker: its atomics in the shape of
// std::atomic, plain variables whose races it finds, and a futex.
//
// Relacy runs every thread as a fiber, switches at atomic operations only, and lets loads return
// any value that the memory model allows, as ARM may and x86 does not.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <relacy/relacy.hpp>
// Relacy puts its own in place of these words.
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst
#undef $
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert

#include "edgert/base/clock.h"

namespace edgert::model {

inline rl::memory_order relacy_order(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return rl::mo_relaxed;
    case std::memory_order_consume:
      return rl::mo_consume;
    case std::memory_order_acquire:
      return rl::mo_acquire;
    case std::memory_order_release:
      return rl::mo_release;
    case std::memory_order_acq_rel:
      return rl::mo_acq_rel;
    default:
      return rl::mo_seq_cst;
  }
}

template <class T>
class Atomic {
 public:
  using Order = std::memory_order;
  Atomic() : Atomic(T()) {}
  Atomic(T value) { value_.store(value, rl::mo_relaxed, RL_INFO); }

  T load(Order order = Order::seq_cst) const { return value_.load(relacy_order(order), RL_INFO); }
  void store(T value, Order order = Order::seq_cst) {
    value_.store(value, relacy_order(order), RL_INFO);
  }
  T exchange(T value, Order order = Order::seq_cst) {
    return value_.exchange(value, relacy_order(order), RL_INFO);
  }
  T fetch_add(T value, Order order = Order::seq_cst) {
    return value_.fetch_add(value, relacy_order(order), RL_INFO);
  }
  T fetch_sub(T value, Order order = Order::seq_cst) {
    return value_.fetch_sub(value, relacy_order(order), RL_INFO);
  }
  T fetch_or(T value, Order order = Order::seq_cst) {
    return value_.fetch_or(value, relacy_order(order), RL_INFO);
  }
  T fetch_and(T value, Order order = Order::seq_cst) {
    return value_.fetch_and(value, relacy_order(order), RL_INFO);
  }
  bool compare_exchange_weak(T& expected, T value, Order order, Order failure) {
    return value_.compare_exchange_weak(expected, value, relacy_order(order), RL_INFO,
                                        relacy_order(failure), RL_INFO);
  }
  bool compare_exchange_weak(T& expected, T value, Order order) {
    return compare_exchange_weak(expected, value, order, on_failure(order));
  }
  bool compare_exchange_strong(T& expected, T value, Order order) {
    return value_.compare_exchange_strong(expected, value, relacy_order(order), RL_INFO,
                                          relacy_order(on_failure(order)), RL_INFO);
  }
  T latest() const { return value_.debug_value(); }  // no switch, no reordering

 private:
  static Order on_failure(Order order) {
    if (order == Order::acq_rel) return Order::acquire;
    return order == Order::release ? Order::relaxed : order;
  }
  rl::atomic<T> value_;
};

// A plain variable: reading or writing it without the order to do so ends the test.
template <class T>
class Plain {
 public:
  Plain() { value_(RL_INFO) = T(); }
  Plain(T value) { value_(RL_INFO) = value; }
  Plain(const Plain& other) : Plain(static_cast<T>(other)) {}
  Plain& operator=(const Plain& other) { return *this = static_cast<T>(other); }
  Plain& operator=(T value) {
    value_(RL_INFO) = value;
    return *this;
  }
  operator T() const { return const_cast<Plain*>(this)->value_(RL_INFO); }

 private:
  rl::var<T> value_;
};

// A futex: whoever sleeps is woken by name, oldest first, and by nothing else.
class ModelFutex {
 public:
  static void wait(Atomic<std::uint32_t>& word, std::uint32_t value, Nanos) {
    if (word.latest() != value) return;
    for (const int self = fell_asleep_++; woken_ <= self;) rl::yield(1, RL_INFO);
  }
  static void wake(Atomic<std::uint32_t>&, std::int32_t count) {
    woken_ = count < fell_asleep_ - woken_ ? woken_ + count : fell_asleep_;
  }
  static void reset() { fell_asleep_ = woken_ = 0; }

 private:
  inline static int fell_asleep_ = 0, woken_ = 0;  // the first `woken_` sleepers are awake
};

// Runs Test::thread() in random interleavings; true when none of them failed.
template <class Test>
bool holds(unsigned interleavings = 20000) {
  rl::test_params params;
  params.iteration_count = interleavings;
  params.search_type = rl::random_scheduler_type;
  params.execution_depth_limit = 5000;
  return rl::simulate<Test>(params);
}

}  // namespace edgert::model
