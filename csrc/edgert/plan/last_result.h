// The last result of a node, for later frames: references to its outputs, never copies of them.
//
// Records are made at the start; whoever keeps a result fills a free one and makes it the current
// one. Readers pin a record while they look at it.
//
// Thread rule: any thread. Progress: lock-free. A keeper who finds no free record keeps nothing,
// and a reader who meets one that is just made current may find nothing: then the node is computed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/memory/tensor.h"

namespace edgert {

// A Value has clear(), which gives back what it refers to. `Atomic` is std::atomic, or a model
// checker's.
template <class Value, template <class> class Atomic, int kRecords = 16>
class BasicLastResult {
 public:
  template <class Prepare>
  explicit BasicLastResult(const Prepare& prepare) {
    for (Record& record : records_) prepare(record.value);
  }

  // `number` counts the sensor's activations. Nothing is kept if a later one's is there.
  template <class Fill>
  void keep(std::uint64_t number, Fill&& fill) {
    const int mine = claim();
    if (mine < 0) return;
    Record& record = at(mine);
    fill(record.value);
    record.number.store(number, std::memory_order_relaxed);
    int old = current_.load();
    while (old < 0 || at(old).number.load(std::memory_order_relaxed) < number)
      if (current_.compare_exchange_weak(old, mine, std::memory_order_seq_cst)) break;
    record.pins.fetch_sub(kOwned);
    clear(old);
    clear(mine);  // unless it is the current one
  }

  // The number of what `look` was shown, or 0: there is none. It is called once at most.
  template <class Look>
  std::uint64_t give(Look&& look) {
    for (int tries = 0; tries < kTries; ++tries) {
      const int index = current_.load();
      if (index < 0) return 0;
      Record& record = at(index);
      std::uint64_t number = 0;
      // Sequentially consistent, as all here that is not said to be less: either this thread sees
      // that the record is no longer the current one, or who would fill it sees the pin.
      if (record.pins.fetch_add(1) >= 0 && current_.load() == index) {
        look(static_cast<const Value&>(record.value));
        number = record.number.load(std::memory_order_relaxed);
      }
      record.pins.fetch_sub(1);
      clear(index);
      if (number) return number;
    }
    return 0;
  }

 private:
  static constexpr int kTries = 16;
  static constexpr std::int32_t kOwned = INT32_MIN / 2;

  struct Record {
    Atomic<std::int32_t> pins{0};  // readers; kOwned and less while it is filled or cleared
    Value value{};
    // Relaxed: read by who pinned the record, or compared for a moment; its owner wrote it before
    // it became current.
    Atomic<std::uint64_t> number{0};
  };

  Record& at(int index) { return records_[static_cast<std::size_t>(index)]; }
  bool own(int index) {
    std::int32_t idle = 0;
    if (current_.load() == index ||
        !at(index).pins.compare_exchange_strong(idle, kOwned, std::memory_order_seq_cst))
      return false;
    if (current_.load() != index) return true;  // only its owner could make it so
    at(index).pins.fetch_sub(kOwned);
    return false;
  }
  int claim() {
    for (int i = 0; i < kRecords; ++i)
      if (own(i)) return i;
    return -1;
  }
  // Gives the memory back, unless the record is in use.
  void clear(int index) {
    if (index < 0 || !own(index)) return;
    at(index).value.clear();
    at(index).pins.fetch_sub(kOwned);
  }

  std::array<Record, kRecords> records_;
  Atomic<int> current_{-1};
};

struct KeptOutputs {
  std::vector<Tensor> outputs;
  Nanos time = 0;  // in the stream's time: of the oldest frame that they are computed from

  void clear() {
    for (Tensor& output : outputs) output.reset();
  }
};

class LastResult : public BasicLastResult<KeptOutputs, std::atomic> {
 public:
  explicit LastResult(std::size_t outputs)
      : BasicLastResult([=](KeptOutputs& kept) { kept.outputs.resize(outputs); }) {}
};

}  // namespace edgert
