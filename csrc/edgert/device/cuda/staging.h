// How a run's tensors lie in its memory on the GPU, and in as much on the host: inputs first, then
// outputs, each in one piece and aligned. Of works that run as one, a tensor's rows meet there: the
// copy that every run needs is what gathers and scatters them.
#pragma once

#include "edgert/device/stream.h"

namespace edgert {

// Of the inputs, or the outputs, of a run.
class Staging {
 public:
  Staging(const StreamRun& run, const std::vector<Tensor>& tensors)
      : tensors_(tensors),
        works_(run.joined > 0 ? static_cast<std::size_t>(run.joined) : 1),
        rows_(run.joined > 0 ? static_cast<std::size_t>(run.items) : 1) {}

  static std::size_t rounded_up(std::size_t bytes) {
    constexpr std::size_t kAlignment = 256;  // as cudaMalloc's
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  std::size_t bytes() const;
  // Refuses tensors without memory of their own on the host, and rows that are unlike. Outputs may
  // be empty, of a run that isn't joined: they have no place here.
  Status check(bool may_be_empty) const;
  // What the work sees from `at` on.
  void lay_out(void* memory, std::size_t at, std::vector<StreamTensor>& into) const;
  // Between the tensors and the host's part of the memory.
  void gather(std::byte* to) const;
  void scatter(const std::byte* from) const;

 private:
  std::size_t count() const { return tensors_.size() / works_; }  // as the work sees them
  const Tensor& tensor(std::size_t index, std::size_t work) const {
    return tensors_[work * count() + index];
  }
  std::size_t bytes(std::size_t index) const {
    const Tensor& one = tensor(index, 0);
    return one ? one.bytes() * rows_ : 0;
  }

  const std::vector<Tensor>& tensors_;
  const std::size_t works_, rows_;
};

}  // namespace edgert
