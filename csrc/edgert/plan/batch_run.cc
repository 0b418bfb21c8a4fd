#include "edgert/plan/batch_run.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "edgert/plan/batching.h"
#include "edgert/plan/node_run.h"

namespace edgert {
namespace {

constexpr std::size_t kMostTensors = 32;

// What a work feeds to a model's input.
const Tensor& fed(Execution& work, std::size_t input) {
  const CompiledNode& node = *work.node;
  const ModelInput& feed = node.spec->model_inputs[input];
  if (feed.kind == ModelInput::Kind::kConstant) return node.constants[input];
  const InputLocation& at = node.inputs[static_cast<std::size_t>(feed.value)];
  return work.activation->input(at).outputs[static_cast<std::size_t>(at.output)];
}

// In the order of their memory, so that rows of one tensor are found to be that, whatever the order
// in which they were drawn.
void order_by_memory(std::span<Execution*> works) {
  std::ranges::sort(works, std::less(), [](Execution* work) { return fed(*work, 0).bytes_data(); });
}

bool in_one_piece(std::span<const Tensor* const> items) {
  const Tensor& first = *items[0];
  for (std::size_t i = 1; i < items.size(); ++i)
    if (items[i]->buffer().get() != first.buffer().get() ||
        items[i]->offset() != first.offset() + i * first.bytes())
      return false;
  return true;
}

Status unlike(const Tensor& item, const Tensor& first) {
  return Status::internal(
      "batch", "an item of " + item.shape().text() + " beside one of " + first.shape().text());
}

Status take_outputs(const CompiledNode& node, const Batching& batching, int rows,
                    std::span<Tensor> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    BufferPool* pool = batching.outputs[i].get();
    if (!pool) continue;
    BufferRef buffer = pool->take();
    if (!buffer) return no_memory();
    const TensorSpec& spec = node.spec->outputs[i];
    outputs[i] = Tensor(std::move(buffer), spec.dtype, with_items(spec.shape, rows));
  }
  return {};
}

// A view of one item; its buffer is all items', and stays as long as one of them is used.
Tensor item_of(const Tensor& all, std::size_t item, int rows) {
  const std::size_t bytes = all.bytes() / static_cast<std::size_t>(rows);
  return {all.buffer(), all.dtype(), with_items(all.shape(), 1), all.offset() + item * bytes};
}

}  // namespace

Result<Tensor> joined_items(std::span<const Tensor* const> items, int rows, const Tensor& room,
                            Counter& copied) {
  const Tensor& first = *items[0];
  for (const Tensor* item : items)
    if (!(item->shape() == first.shape()) || !item->contiguous()) return unlike(*item, first);
  const Shape shape = with_items(first.shape(), rows);
  if (items.size() == static_cast<std::size_t>(rows) && in_one_piece(items))
    return Tensor(first.buffer(), first.dtype(), shape, first.offset());
  if (first.bytes() * items.size() > room.bytes()) return unlike(first, room);
  std::byte* to = room.bytes_data();
  for (const Tensor* item : items) {
    std::memcpy(to, item->bytes_data(), item->bytes());
    to += item->bytes();
  }
  copied.add(static_cast<std::int64_t>(first.bytes() * items.size()));
  return Tensor(room.buffer(), first.dtype(), shape);
}

bool brings_one(Execution& work) {
  for (std::size_t i = 0; i < work.node->spec->model_inputs.size(); ++i) {
    const Tensor& tensor = fed(work, i);
    if (!tensor || tensor.shape()[0] != 1) return false;
  }
  return true;
}

Status run_batch(std::span<Execution*> works, int instance) {
  const CompiledNode& node = *works[0]->node;
  const ModelHost& model = *site_of(*works[0]).model;
  Batching& batching = *model.batching;
  Session& session = *model.sessions[static_cast<std::size_t>(instance)];
  const int rows = batching.rows(static_cast<int>(works.size()));
  order_by_memory(works);
  std::array<Tensor, kMostTensors> inputs, outputs;
  std::array<const Tensor*, kMostBatch> items{};
  const std::size_t fed_inputs = node.spec->model_inputs.size();
  for (std::size_t i = 0; i < fed_inputs; ++i) {
    for (std::size_t k = 0; k < works.size(); ++k) items[k] = &fed(*works[k], i);
    EDGERT_ASSIGN_OR_RETURN(
        inputs[i],
        joined_items({items.data(), works.size()}, rows,
                     batching.inputs[static_cast<std::size_t>(instance)][i], batching.copied));
  }
  const std::span<Tensor> results(outputs.data(), node.spec->outputs.size());
  EDGERT_RETURN_IF_ERROR(take_outputs(node, batching, rows, results));
  EDGERT_RETURN_IF_ERROR(session.run({inputs.data(), fed_inputs}, results));
  for (const Tensor& all : results)
    if (all.shape().rank() < 1 || all.shape()[0] != rows)
      return Status::engine("batch", std::to_string(rows) + " items gave " + all.shape().text());
  for (std::size_t k = 0; k < works.size(); ++k)
    for (std::size_t i = 0; i < results.size(); ++i)
      works[k]->outputs[i] = item_of(results[i], k, rows);
  return {};
}

}  // namespace edgert
