// The engine's views of the buffers that a tensor of the model was bound to lately.
//
// Pools hand the same few buffers round, so the views are made once. A view holds an address, not
// the memory: a stale one is harmless, for it is only used when a live tensor has that address.
#pragma once

#include <array>

#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

class ValueCache {
 public:
  explicit ValueCache(const Engine& engine) : engine_(&engine) {}
  ValueCache(ValueCache&& other) noexcept;
  ~ValueCache();

  // Null when the engine refused; `error` then says why. The cache keeps the value.
  Value* find_or_make(const Tensor& tensor, edgert::Status& error);

 private:
  static constexpr std::size_t kEntries = 8;
  struct Entry {
    const void* data = nullptr;
    Shape shape;
    Value* value = nullptr;
  };
  Value* make(const Tensor& tensor, edgert::Status& error);

  const Engine* engine_;
  std::array<Entry, kEntries> entries_;
  std::size_t last_ = 0;  // where the last hit was
  std::size_t next_ = 0;  // which entry is replaced next
};

}  // namespace edgert::ort
