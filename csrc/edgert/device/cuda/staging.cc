#include "edgert/device/cuda/staging.h"

#include <cstring>

namespace edgert {
std::size_t Staging::bytes() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count(); ++i) sum += rounded_up(bytes(i));
  return sum;
}

Status Staging::check(bool may_be_empty) const {
  if (works_ > 1 && rows_ < works_)
    return Status::internal("cuda", "more works than rows in a run");
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor& given = tensors_[i];
    if (!given && may_be_empty && works_ == 1 && rows_ == 1) continue;
    if (!given || !given.contiguous())
      return Status::invalid("cuda", "a tensor has no memory of its own on the host",
                             "leave device out of this model");
    const Tensor& first = tensor(i % count(), 0);
    if (&given != &first && (given.shape() != first.shape() || given.dtype() != first.dtype()))
      return Status::internal(
          "batch", "an item of " + given.shape().text() + " beside one of " + first.shape().text());
  }
  return {};
}

void Staging::lay_out(void* memory, std::size_t at, std::vector<StreamTensor>& into) const {
  into.clear();
  for (std::size_t i = 0; i < count(); ++i) {
    const Tensor& first = tensor(i, 0);
    if (!first) {
      into.emplace_back();
      continue;
    }
    StreamTensor& seen = into.emplace_back(
        StreamTensor{static_cast<std::byte*>(memory) + at, bytes(i), first.dtype(), first.shape()});
    if (rows_ > 1) seen.shape[0] = static_cast<std::int64_t>(rows_);
    at += rounded_up(bytes(i));
  }
}

void Staging::gather(std::byte* to) const {
  for (std::size_t i = 0; i < count(); ++i) {
    const std::size_t one = tensor(i, 0).bytes();
    for (std::size_t work = 0; work < works_; ++work)
      std::memcpy(to + work * one, tensor(i, work).bytes_data(), one);
    std::memset(to + works_ * one, 0, (rows_ - works_) * one);  // who indexes by it stays inside
    to += rounded_up(bytes(i));
  }
}

void Staging::scatter(const std::byte* from) const {
  for (std::size_t i = 0; i < count(); ++i) {
    if (!tensor(i, 0)) continue;
    const std::size_t one = tensor(i, 0).bytes();
    for (std::size_t work = 0; work < works_; ++work)
      std::memcpy(tensor(i, work).bytes_data(), from + work * one, one);
    from += rounded_up(bytes(i));
  }
}

}  // namespace edgert
