#include "edgert/plan/batch_trial.h"

#include <array>
#include <cmath>
#include <cstring>

#include "edgert/memory/half.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

constexpr std::array<int, 4> kCompared{0, 1, 2, -1};  // items; -1: the last

// Between 0 and 1; of integers small ones, which are indices of something as often as pixels.
void fill(const Tensor& tensor, std::mt19937& random) {
  std::uniform_real_distribution<float> unit(0, 1);
  const std::int64_t elements = tensor.elements();
  if (tensor.dtype() == DType::kFloat32) {
    for (std::int64_t i = 0; i < elements; ++i) tensor.data<float>()[i] = unit(random);
  } else if (tensor.dtype() == DType::kFloat64) {
    for (std::int64_t i = 0; i < elements; ++i) tensor.data<double>()[i] = unit(random);
  } else if (tensor.dtype() == DType::kUInt8 || tensor.dtype() == DType::kInt8) {
    for (std::int64_t i = 0; i < elements; ++i)
      tensor.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(random());
  } else {
    std::memset(tensor.bytes_data(), 0, tensor.bytes());  // the same number in every type
  }
}

// Filled up to `rows`, where the file takes that many.
Tensor part(const Tensor& all, int first, int count, int rows) {
  const std::size_t item = all.bytes() / static_cast<std::size_t>(all.shape()[0]);
  Tensor tensor = allocate_tensor(all.dtype(), with_items(all.shape(), rows));
  std::memset(tensor.bytes_data(), 0, tensor.bytes());
  std::memcpy(tensor.bytes_data(), all.bytes_data() + item * static_cast<std::size_t>(first),
              item * static_cast<std::size_t>(count));
  return tensor;
}

double number(const Tensor& tensor, std::size_t at) {
  switch (tensor.dtype()) {
    case DType::kFloat32:
      return static_cast<double>(tensor.data<float>()[at]);
    case DType::kFloat64:
      return tensor.data<double>()[at];
    case DType::kFloat16:
      return static_cast<double>(half_detail::to_float(tensor.data<Half>()[at]));
    case DType::kInt8:
      return tensor.data<std::int8_t>()[at];
    case DType::kUInt8:
    case DType::kBool:
      return tensor.data<std::uint8_t>()[at];
    case DType::kInt16:
      return tensor.data<std::int16_t>()[at];
    case DType::kInt32:
      return tensor.data<std::int32_t>()[at];
    case DType::kInt64:
      return static_cast<double>(tensor.data<std::int64_t>()[at]);
  }
  return 0;
}

// How far a batch's sums may be from a single run's: other kernels add in another order. Of
// quantised and half-precision numbers a step.
double allowed(const Tensor& tensor, double largest, double apart) {
  if (tensor.dtype() == DType::kInt8 || tensor.dtype() == DType::kUInt8) return 1;
  if (tensor.dtype() == DType::kFloat16) return 1e-2 * largest;
  return apart * largest + 1e-6;
}

bool alike(const Tensor& single, const Tensor& all, int item, int rows, double share) {
  const auto elements = static_cast<std::size_t>(all.elements()) / static_cast<std::size_t>(rows);
  const std::size_t begin = elements * static_cast<std::size_t>(item);
  double largest = 0, apart = 0;
  for (std::size_t i = 0; i < elements; ++i) {
    const double one = number(single, i), other = number(all, begin + i);
    if (std::isnan(one) != std::isnan(other)) return false;
    if (std::isnan(one) || one == other) continue;
    largest = std::max(largest, std::abs(one));
    apart = std::max(apart, std::abs(one - other));
  }
  return apart <= allowed(single, largest, share);
}

}  // namespace

Trial::Trial(const Plan& plan, const CompiledNode& node, const ModelHost& host, Run run)
    : node_(node), io_(host.io()), batching_(*host.batching), run_(std::move(run)) {
  std::mt19937 random(1);
  for (std::size_t i = 0; i < io_.inputs.size(); ++i) all_.push_back(input(plan, i, random));
}

std::vector<Tensor> Trial::inputs(int first, int count, int rows) const {
  std::vector<Tensor> made;
  for (const Tensor& all : all_) made.push_back(part(all, first, count, rows));
  return made;
}

Result<std::vector<Tensor>> Trial::run(int first, int count, Nanos* took) const {
  const int rows = batching_.rows(count);
  const std::vector<Tensor> given = inputs(first, count, rows);
  std::vector<Tensor> outputs(io_.outputs.size());
  EDGERT_ASSIGN_OR_RETURN(*took, run_(given, outputs));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].shape().rank() < 1 || outputs[i].shape()[0] != rows)
      return Status::invalid("output '" + io_.outputs[i].name + "'",
                             "is " + outputs[i].shape().text() + " of " + std::to_string(rows) +
                                 " items: its first axis doesn't count them",
                             "leave batch out of the model's document");
  return outputs;
}

Tensor Trial::input(const Plan& plan, std::size_t index, std::mt19937& random) const {
  const ModelInput& feed = node_.spec->model_inputs[index];
  const int most = batching_.most();
  if (feed.kind == ModelInput::Kind::kConstant) {
    const Tensor& constant = node_.constants[index];
    Tensor all = allocate_tensor(constant.dtype(), with_items(constant.shape(), most));
    for (int item = 0; item < most; ++item)
      std::memcpy(all.bytes_data() + static_cast<std::size_t>(item) * constant.bytes(),
                  constant.bytes_data(), constant.bytes());
    return all;
  }
  const ValueRef ref = node_.spec->inputs[static_cast<std::size_t>(feed.value)];
  const TensorSpec& given =
      node_of(plan.spec, ref.node).outputs[static_cast<std::size_t>(ref.output)];
  Tensor all = allocate_tensor(given.dtype, with_items(given.shape, most));
  fill(all, random);
  return all;
}

Status compare_with_single(const Trial& trial, Batching& batching, const ModelIo& io,
                           const std::vector<Tensor>& all, double apart) {
  const int most = batching.most();
  for (int item : kCompared) {
    if (item < 0) item = most - 1;
    if (item >= most) continue;
    Nanos took = 0;
    EDGERT_ASSIGN_OR_RETURN(const auto single, trial.run(item, 1, &took));
    for (std::size_t i = 0; i < single.size(); ++i) {
      if (alike(single[i], all[i], item, batching.rows(most), apart)) continue;
      batching.refuse("output '" + io.outputs[i].name + "' of item " + std::to_string(item) +
                      " of " + std::to_string(most) + " differs from what it is alone");
      return {};
    }
  }
  return {};
}

std::vector<int> batch_sizes(int most) {
  std::vector<int> found;
  for (int size = 1; size < most; size *= 2) found.push_back(size);
  found.push_back(most);
  return found;
}

}  // namespace edgert
