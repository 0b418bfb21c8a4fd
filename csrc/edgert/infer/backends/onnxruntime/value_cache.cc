#include "edgert/infer/backends/onnxruntime/value_cache.h"

#include "edgert/infer/backends/onnxruntime/model_io.h"

namespace edgert::ort {

ValueCache::ValueCache(ValueCache&& other) noexcept
    : engine_(other.engine_), memory_(other.memory_), entries_(std::exchange(other.entries_, {})) {}

ValueCache::~ValueCache() {
  for (Entry& entry : entries_)
    if (entry.value) engine_->api.ReleaseValue(entry.value);
}

Value* ValueCache::find_or_make(const StreamTensor& tensor, edgert::Status& error) {
  for (std::size_t step = 0; step < kEntries; ++step) {
    const std::size_t at = (last_ + step) % kEntries;
    const Entry& entry = entries_[at];
    if (entry.value && entry.data == tensor.data && entry.shape == tensor.shape) {
      last_ = at;
      return entry.value;
    }
  }
  return make(tensor, error);
}

Value* ValueCache::make(const StreamTensor& tensor, edgert::Status& error) {
  Value* value = nullptr;
  const auto dims = tensor.shape.dims();
  error = engine_->api.status(engine_->api.CreateTensorWithDataAsOrtValue(
                                  memory_, tensor.data, tensor.bytes, dims.data(), dims.size(),
                                  element_type_of(tensor.dtype), &value),
                              "onnxruntime");
  if (!value) return nullptr;
  Entry& entry = entries_[next_];
  if (entry.value) engine_->api.ReleaseValue(entry.value);
  entry = {tensor.data, tensor.shape, value};
  last_ = next_;
  next_ = (next_ + 1) % kEntries;
  return value;
}

}  // namespace edgert::ort
