#include "edgert/plan/batching.h"

#include <algorithm>

namespace edgert {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

Status no_batch(const ModelSpec& spec, const std::string& why, const std::string& remedy) {
  return Status::invalid("model '" + spec.name + "'",
                         "batch is " + std::to_string(spec.batch) + ", and " + why, remedy);
}

std::string text_of(const char* side, const TensorSpec& tensor) {
  return std::string(side) + " '" + tensor.name + "' is " + tensor.text();
}

}  // namespace

Shape with_items(Shape shape, std::int64_t items) {
  shape[0] = items;
  return shape;
}

Result<int> check_batch(const ModelSpec& spec, const ModelIo& io) {
  if (spec.batch < 1 || spec.batch > kMostBatch)
    return Status::invalid("model '" + spec.name + "'", "batch is " + std::to_string(spec.batch),
                           "use 1 to " + std::to_string(kMostBatch));
  constexpr const char* kRemedy = "leave batch out, or export the model with a free first axis";
  std::int64_t items = 0;
  for (const auto& [side, tensors] : {std::pair{"input", &io.inputs}, {"output", &io.outputs}}) {
    for (const TensorSpec& tensor : *tensors) {
      if (tensor.shape.rank() < 1)
        return no_batch(spec, text_of(side, tensor) + ", which has no axis of items", kRemedy);
      const std::int64_t own = tensor.shape[0];
      if (items == 0) items = own;
      if (own == 1) return no_batch(spec, text_of(side, tensor) + ", one item a run", kRemedy);
      if (own != items)
        return no_batch(spec, text_of(side, tensor) + ", unlike the others", kRemedy);
    }
  }
  if (items < 0) return 0;
  if (spec.batch > items)
    return no_batch(spec, "a run of its file takes " + std::to_string(items) + " items",
                    "say batch: " + std::to_string(items));
  return static_cast<int>(items);
}

ModelIo io_of_items(ModelIo io, int fixed) {
  if (fixed == 0) return io;
  for (auto* tensors : {&io.inputs, &io.outputs})
    for (TensorSpec& tensor : *tensors) tensor.shape = with_items(tensor.shape, 1);
  return io;
}

std::uint64_t Batching::bytes() const {
  std::uint64_t sum = 0;
  for (const std::vector<Tensor>& instance : inputs)
    for (const Tensor& tensor : instance) sum += tensor.bytes();
  for (const auto& pool : outputs)
    if (pool) sum += pool->allocated_bytes();
  return sum;
}

// An eighth of each run; one that took four times as long counts as that much, it was disturbed.
void Batching::observe(int items, Nanos took) {
  std::atomic<Nanos>& time = times_[static_cast<std::size_t>(items)];
  const Nanos before = time.load(relaxed);
  if (before > 0) took = before + (std::min(took, 4 * before) - before) / 8;
  time.store(took, relaxed);
}

void Batching::set_measured(const std::vector<std::pair<int, Nanos>>& measured) {
  constexpr double kGain = 0.97;        // of time an item; less than 3 % is not worth waiting for
  constexpr Nanos kLeastTold = 50'000;  // shorter runs are all noise
  double least = 0;
  int last = 0;
  Nanos before = 0;
  worth_ = 1;
  for (const auto& [items, took] : measured) {
    for (int between = last + 1; between <= items; ++between)
      times_[static_cast<std::size_t>(between)].store(
          last == 0 ? took : before + (took - before) * (between - last) / (items - last), relaxed);
    const double each = static_cast<double>(took) / items;
    if (least == 0 || took < kLeastTold || each <= least * kGain) worth_ = items;
    least = least == 0 ? each : std::min(least, each);
    last = items;
    before = took;
  }
}

void Batching::pad(int above, int rows) {
  for (int items = above + 1; items < rows; ++items)
    padded_[static_cast<std::size_t>(items)] = rows;
}

void Batching::refuse(std::string why) {
  refused_ = std::move(why);
  worth_ = 1;
}

}  // namespace edgert
