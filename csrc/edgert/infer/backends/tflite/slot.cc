#include "edgert/infer/backends/tflite/slot.h"

#include <limits>

namespace edgert::tfl {
namespace {

// kDefaultTensorAlignment of tensorflow/lite/util.h.
constexpr std::size_t kAlignment = 64;
static_assert(kBufferAlignment >= kAlignment, "memory of ours must suit the engine");
// XNN_EXTRA_BYTES of xnnpack.h: kernels may read that far behind an input.
constexpr std::size_t kOverread = 16;
constexpr std::size_t kPage = 4096;

}  // namespace

void Slot::announce() {
  constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max() / 2;
  if (!own_) own_ = allocate_buffer(kAlignment);
  bound_ = nullptr;
  if (own_) bind(own_->data(), kAnySize);
  bound_ = nullptr;
}

bool Slot::bind(void* data, std::size_t bytes) {
  if (!bindable_) return false;
  if (bound_ == data) return true;
  const CustomAllocation allocation{data, bytes};
  // Constants and tensors whose size the graph decides as it runs are refused.
  bindable_ = engine_->TfLiteInterpreterSetCustomAllocationForTensor(interpreter_, index_,
                                                                     &allocation, 0) == kOk;
  bound_ = bindable_ ? data : nullptr;
  return bindable_;
}

bool Slot::bind_own() {
  if (!bindable_) return false;
  if (!own_ || own_->size() < bytes() + kOverread) own_ = allocate_buffer(bytes() + kOverread);
  return own_ && bind(own_->data(), bytes());
}

bool Slot::suits(const Tensor& tensor, bool overreads) {
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.bytes_data());
  if (address % kAlignment != 0) return false;
  if (!overreads) return true;
  const std::size_t end = tensor.offset() + tensor.bytes();
  if (tensor.buffer()->size() + tensor.buffer()->slack() - end >= kOverread) return true;
  // Reading on within the last page is harmless; the page behind it may not be there.
  const std::uintptr_t in_page = (address + tensor.bytes()) % kPage;
  return in_page != 0 && in_page + kOverread <= kPage;
}

}  // namespace edgert::tfl
