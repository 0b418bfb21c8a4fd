#include "edgert/infer/backends/null/session.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "edgert/base/clock.h"

namespace edgert::null {
namespace {

void spend(std::int64_t asleep_us, std::int64_t awake_us) {
  if (asleep_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(asleep_us));
  if (awake_us <= 0) return;
  for (const Nanos end = now() + awake_us * 1000; now() < end;) {
  }
}

// A free extent of an output that nothing decides is 1.
Shape filled(const TensorSpec& spec) {
  Shape shape = spec.shape;
  for (int i = 0; i < shape.rank(); ++i)
    if (shape[i] < 0) shape[i] = 1;
  return shape;
}

std::int64_t entries(std::span<const Tensor> inputs) {
  return inputs.empty() || inputs[0].shape().rank() == 0 ? 1 : inputs[0].shape()[0];
}

void mix(const Tensor& output) {
  const std::int64_t row = output.elements() / output.shape()[0];
  output.data<float>()[0] = output.data<float>()[output.elements() - row];
}

bool has_number(const Tensor& tensor, float number) {
  const auto* begin = tensor.data<const float>();
  return std::find(begin, begin + tensor.elements(), number) != begin + tensor.elements();
}

}  // namespace

NullSession::NullSession(std::shared_ptr<const ModelFile> file)
    : file_(std::move(file)),
      ballast_(static_cast<std::size_t>(file_->allocate_mb) << 20, std::byte{1}) {}

Status NullSession::run(std::span<const Tensor> inputs, std::span<Tensor> outputs) {
  EDGERT_RETURN_IF_ERROR(check_cpu_run(file_->io, inputs, outputs));
  spend(file_->delay_us + file_->delay_item_us * entries(inputs), file_->work_us);
  if (file_->crash) std::abort();
  if (!file_->fail.empty()) return Status::engine("null", file_->fail);
  if (file_->fail_on >= 0 && has_number(inputs[0], static_cast<float>(file_->fail_on)))
    return Status::engine("null", "there is a " + std::to_string(file_->fail_on));
  ++runs_;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    EDGERT_RETURN_IF_ERROR(write_output(i, inputs, outputs[i]));
  if (file_->mix) mix(outputs[0]);
  if (file_->count) *outputs[0].data<float>() = static_cast<float>(runs_);
  return {};
}

Status NullSession::write_output(std::size_t index, std::span<const Tensor> inputs,
                                 Tensor& output) const {
  const TensorSpec& spec = file_->io.outputs[index];
  const Shape shape = file_->echo ? inputs[index].shape() : output ? output.shape() : filled(spec);
  if (!output) output = allocate_tensor(spec.dtype, shape);
  if (!output) return Status(Code::kExhausted, "null", "no memory for output '" + spec.name + "'");
  if (output.shape() != shape)
    return Status::invalid("output '" + spec.name + "'",
                           "the run gives " + shape.text() + ", not " + output.shape().text());
  if (file_->echo)
    std::memcpy(output.bytes_data(), inputs[index].bytes_data(), output.bytes());
  else
    std::memset(output.bytes_data(), 0, output.bytes());
  return {};
}

Status NullSession::reset() {
  runs_ = 0;
  return {};
}

}  // namespace edgert::null
