// The engine's views of the buffers that a tensor of the model was bound to lately.
//
// Pools hand the same few buffers round, so the views are made once. A view holds an address, not
// the memory: a stale one is harmless, for it is only used when a live tensor has that address.
#pragma once

#include <array>

#include "edgert/device/stream.h"
#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

class ValueCache {
 public:
  // Of buffers in `memory`; null: the CPU's.
  explicit ValueCache(const Engine& engine, const MemoryInfo* memory = nullptr)
      : engine_(&engine), memory_(memory ? memory : engine.cpu) {}
  ValueCache(ValueCache&& other) noexcept;
  ~ValueCache();

  // Null when the engine refused; `error` then says why. The cache keeps the value.
  Value* find_or_make(const Tensor& tensor, edgert::Status& error) {
    return find_or_make({tensor.bytes_data(), tensor.bytes(), tensor.dtype(), tensor.shape()},
                        error);
  }
  Value* find_or_make(const StreamTensor& tensor, edgert::Status& error);

 private:
  static constexpr std::size_t kEntries = 8;
  struct Entry {
    const void* data = nullptr;
    Shape shape;
    Value* value = nullptr;
  };
  Value* make(const StreamTensor& tensor, edgert::Status& error);

  const Engine* engine_;
  const MemoryInfo* memory_;
  std::array<Entry, kEntries> entries_;
  std::size_t last_ = 0;  // where the last hit was
  std::size_t next_ = 0;  // which entry is replaced next
};

}  // namespace edgert::ort
