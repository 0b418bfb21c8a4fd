// The last result of a node, for later frames: its outputs by reference, never copied.
//
// Records are made at the start; whoever keeps a result fills a free one and makes it the current
// one. Readers pin a record while they copy the references.
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

class LastResult {
 public:
  explicit LastResult(std::size_t outputs) {
    for (Record& record : records_) record.outputs.resize(outputs);
  }

  // `number` counts the sensor's activations. Nothing is kept if a later one's is there.
  void keep(const std::vector<Tensor>& outputs, Nanos time, std::uint64_t number) {
    const int mine = claim();
    if (mine < 0) return;
    Record& record = at(mine);
    record.outputs = outputs;
    record.time = time;
    record.number.store(number, std::memory_order_relaxed);
    int old = current_.load();
    do {
      if (old >= 0 && at(old).number.load(std::memory_order_relaxed) >= number) break;
    } while (!current_.compare_exchange_weak(old, mine));
    record.pins.fetch_sub(kOwned);
    clear(old);
    clear(mine);  // unless it is the current one
  }

  // False: there is none. `into` has as many places as there are outputs.
  bool give(std::vector<Tensor>& into, Nanos& time, std::uint64_t& number) {
    for (int tries = 0; tries < kTries; ++tries) {
      const int index = current_.load();
      if (index < 0) return false;
      Record& record = at(index);
      // Sequentially consistent, as all here: either this thread sees that the record is no longer
      // the current one, or who would fill it sees the pin.
      const bool valid = record.pins.fetch_add(1) >= 0 && current_.load() == index;
      if (valid) {
        into = record.outputs;
        time = record.time;
        number = record.number.load(std::memory_order_relaxed);
      }
      record.pins.fetch_sub(1);
      clear(index);
      if (valid) return true;
    }
    return false;
  }

 private:
  static constexpr int kRecords = 16, kTries = 16;
  static constexpr std::int32_t kOwned = INT32_MIN / 2;

  struct Record {
    std::atomic<std::int32_t> pins{0};  // readers; kOwned while it is filled or cleared
    std::vector<Tensor> outputs;
    Nanos time = 0;
    std::atomic<std::uint64_t> number{0};
  };

  Record& at(int index) { return records_[static_cast<std::size_t>(index)]; }
  bool own(int index) {
    std::int32_t idle = 0;
    if (current_.load() == index || !at(index).pins.compare_exchange_strong(idle, kOwned))
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
    for (Tensor& output : at(index).outputs) output.reset();
    at(index).pins.fetch_sub(kOwned);
  }

  std::array<Record, kRecords> records_;
  std::atomic<int> current_{-1};
};

}  // namespace edgert
