#include "edgert/plan/batch_check.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>

#include "edgert/memory/half.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

constexpr int kRounds = 3;                            // of each size; the middle one counts
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

// One run of some items, and what it needs.
class Trial {
 public:
  Trial(const Plan& plan, const CompiledNode& node, const ModelHost& host, std::size_t instance = 0)
      : node_(node),
        io_(host.model->io()),
        session_(*host.sessions[instance]),
        batching_(*host.batching) {
    std::mt19937 random(1);
    for (std::size_t i = 0; i < io_.inputs.size(); ++i) all_.push_back(input(plan, i, random));
  }

  // Items `first` to `first + count - 1`.
  Result<std::vector<Tensor>> run(int first, int count, Nanos* took) const {
    std::vector<Tensor> inputs, outputs(io_.outputs.size());
    const int rows = batching_.rows(count);
    for (const Tensor& all : all_) inputs.push_back(part(all, first, count, rows));
    const Nanos start = now();
    EDGERT_RETURN_IF_ERROR(session_.run(inputs, outputs));
    *took = now() - start;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i].shape().rank() < 1 || outputs[i].shape()[0] != rows)
        return Status::invalid("output '" + io_.outputs[i].name + "'",
                               "is " + outputs[i].shape().text() + " of " + std::to_string(rows) +
                                   " items: its first axis doesn't count them",
                               "leave batch out of the model's document");
    return outputs;
  }

 private:
  Tensor input(const Plan& plan, std::size_t index, std::mt19937& random) const {
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

  // Filled up to `rows`, where the file takes that many.
  static Tensor part(const Tensor& all, int first, int count, int rows) {
    const std::size_t item = all.bytes() / static_cast<std::size_t>(all.shape()[0]);
    Tensor tensor = allocate_tensor(all.dtype(), with_items(all.shape(), rows));
    std::memset(tensor.bytes_data(), 0, tensor.bytes());
    std::memcpy(tensor.bytes_data(), all.bytes_data() + item * static_cast<std::size_t>(first),
                item * static_cast<std::size_t>(count));
    return tensor;
  }

  const CompiledNode& node_;
  const ModelIo& io_;
  Session& session_;
  const Batching& batching_;
  std::vector<Tensor> all_;
};

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
double allowed(const Tensor& tensor, double largest) {
  if (tensor.dtype() == DType::kInt8 || tensor.dtype() == DType::kUInt8) return 1;
  if (tensor.dtype() == DType::kFloat16) return 1e-2 * largest;
  return 1e-3 * largest + 1e-6;
}

bool alike(const Tensor& single, const Tensor& all, int item, int rows) {
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
  return apart <= allowed(single, largest);
}

Status compare(const Trial& trial, Batching& batching, const ModelIo& io,
               const std::vector<Tensor>& all) {
  const int most = batching.most();
  for (int item : kCompared) {
    if (item < 0) item = most - 1;
    if (item >= most) continue;
    Nanos took = 0;
    EDGERT_ASSIGN_OR_RETURN(const auto single, trial.run(item, 1, &took));
    for (std::size_t i = 0; i < single.size(); ++i) {
      if (alike(single[i], all[i], item, batching.rows(most))) continue;
      batching.refuse("output '" + io.outputs[i].name + "' of item " + std::to_string(item) +
                      " of " + std::to_string(most) + " differs from what it is alone");
      return {};
    }
  }
  return {};
}

// The other instances at work with batches of one size, as long as it lives: what fits the caches
// of a core alone may not fit when lanes share them.
class Neighbours {
 public:
  Neighbours(const std::vector<Trial>& trials, int size) {
    for (std::size_t i = 1; i < trials.size(); ++i)
      threads_.emplace_back([this, &trial = trials[i], size] {
        Nanos took = 0;
        while (!stop_.load(std::memory_order_relaxed) && trial.run(0, size, &took).ok()) {
        }
      });
  }
  ~Neighbours() {
    stop_.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads_) thread.join();
  }
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

std::vector<int> sizes(int most) {
  std::vector<int> found;
  for (int size = 1; size < most; size *= 2) found.push_back(size);
  found.push_back(most);
  return found;
}

// By size, what a run takes while the other instances do the same. Rounds go through all sizes in
// turn, so that a change of the machine's speed meets all alike.
Result<std::vector<std::pair<int, Nanos>>> measure(const Plan& plan, const CompiledNode& node,
                                                   const ModelHost& host) {
  const Batching& batching = *host.batching;
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < host.sessions.size(); ++i) trials.emplace_back(plan, node, host, i);
  const std::vector<int> tried = sizes(batching.refused().empty() ? batching.most() : 1);
  std::vector<std::array<Nanos, kRounds>> took(tried.size());
  for (std::size_t round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < tried.size(); ++i) {
      const Neighbours neighbours(trials, tried[i]);
      EDGERT_RETURN_IF_ERROR(trials[0].run(0, tried[i], &took[i][round]).status());
    }
  std::vector<std::pair<int, Nanos>> measured;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    std::ranges::sort(took[i]);
    measured.emplace_back(tried[i], took[i][kRounds / 2]);
  }
  return measured;
}

}  // namespace

Status try_batches(const Plan& plan, const CompiledNode& node, const ModelHost& host) {
  Batching& batching = *host.batching;
  const Trial trial(plan, node, host);
  Nanos took = 0;
  EDGERT_RETURN_IF_ERROR(trial.run(0, 1, &took).status());
  const auto all = trial.run(0, batching.most(), &took);
  if (!all.ok() && all.status().code() == Code::kInvalid) return all.status();
  if (!all.ok()) {
    batching.refuse("a run of " + std::to_string(batching.most()) +
                    " items failed: " + all.status().message());
    return {};
  }
  EDGERT_RETURN_IF_ERROR(compare(trial, batching, host.model->io(), *all));
  EDGERT_ASSIGN_OR_RETURN(const auto measured, measure(plan, node, host));
  batching.set_measured(measured);
  return {};
}

}  // namespace edgert
