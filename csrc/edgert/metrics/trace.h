// What happened and when, record by record: for a trace that people look at.
//
// Thread rule: on() and add() from any thread; start() and stop() from one at a time.
//
// Off, it costs the reading of a flag that nobody writes. On, a record takes a place in an array
// by one atomic addition and is written there: wait-free, without a lock or an allocation. When
// the array is full, further records are counted and dropped, so what is there is whole from its
// beginning on. stop() waits for those who are writing; they never wait for it.
//
// Why stop() sees every record and nobody writes after it: a writer announces itself, then looks
// whether the trace is on; stop() switches it off, then looks who is announced. All four are
// sequentially consistent, so either stop() waits for the writer or the writer sees that it is off.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "edgert/base/clock.h"
#include "edgert/base/status.h"

namespace edgert {

enum class TraceKind : std::uint8_t {
  kRan,       // an execution: ready, started, ended
  kPoint,     // one without a time of its own: a condition, a gather, or one that was not begun
  kAdmitted,  // a frame became an activation: captured, arrived, admitted
  kDropped,   // a frame that did not: captured, arrived, dropped
  kAnswered,  // a result: captured, arrived, answered
};

// How an execution ended. Of a dropped frame it is a TraceDrop, of a result an Outcome.
enum class TraceEnd : std::uint8_t { kOk, kFailed, kExpired, kSkipped };
enum class TraceDrop : std::uint8_t { kFull, kReplaced, kLate, kNotAdmitted, kLeftOver };

inline constexpr std::int16_t kNoLane = -1;
inline constexpr std::int16_t kFirstAside = 1000;  // lanes apart are numbered from here

struct TraceRecord {
  Nanos ready, start, end;
  std::uint64_t frame;      // its number in the sensor's stream
  std::uint64_t cause;      // the record that made it ready, counted from 1; 0: not known
  std::uint64_t wanted_by;  // of an execution: bits of its node's owners
  std::int32_t where;       // a node, a sensor or a pipeline of the plan
  std::int32_t row;         // of a region or window; -1 in the root
  std::int16_t lane;
  std::uint16_t batch;  // items that ran at once
  TraceKind kind;
  std::uint8_t end_code;  // TraceEnd, TraceDrop or Outcome
  std::uint16_t unused;
};
static_assert(sizeof(TraceRecord) == 64, "a cache line each");
static_assert(std::is_trivially_default_constructible_v<TraceRecord>,
              "the array's memory is touched only as it is used");

class Trace {
 public:
  bool on() const { return on_.load(std::memory_order_relaxed); }

  // Notes it, and returns what records that it causes name as their cause; 0: it was not noted.
  std::uint64_t add(TraceRecord record);

  // `most` records are kept. Fails when it is on already, or memory is short.
  Status start(std::size_t most);

  struct Log {
    std::unique_ptr<TraceRecord[]> records;
    std::size_t count = 0;
    std::size_t lost = 0;  // found no place
  };
  Log stop();  // empty when it was off

 private:
  std::atomic<bool> on_{false};
  std::atomic<int> writing_{0};
  std::atomic<std::uint64_t> next_{0};
  // Written by start() before on_, read by those who saw on_.
  std::unique_ptr<TraceRecord[]> records_;
  std::size_t most_ = 0;
  std::uint64_t epoch_ = 0;  // of this start, in the upper bits of causes: older ones name nothing
};

}  // namespace edgert
