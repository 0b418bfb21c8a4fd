// answer.classes: the best few of a classifier's scores.
#include <string>

#include "edgert/transform/answer/activation.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

struct Ranked {
  float index, value;
};

// Inserts into a list in falling order; equal values stay in the order of their indices.
int insert(Ranked* list, int count, int room, Ranked entry) {
  int at = count < room ? count : room - 1;
  for (; at > 0 && list[at - 1].value < entry.value; --at) list[at] = list[at - 1];
  list[at] = entry;
  return count < room ? count + 1 : room;
}

class Classes final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.classes";
  static Result<Classes> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return scores_.shape[0] <= 4096; }

 private:
  explicit Classes(TensorInput scores) : scores_(scores) {}
  int rank(const float* scores, std::int64_t count, Ranked* best) const;
  void activate(const float* scores, std::int64_t count, Ranked* best, int found) const;

  TensorInput scores_;
  ScoreActivation activation_ = ScoreActivation::kNone;
  int top_ = 0;
  float min_score_ = 0;
  TensorSpec spec_;
};

Result<Classes> Classes::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"activation", "top", "min_score"}));
  const TensorSpec* spec = inputs.size() == 1 ? inputs[0].tensor : nullptr;
  const int rank = spec ? 1 + trailing_ones(spec->shape) : 1;
  EDGERT_ASSIGN_OR_RETURN(const TensorInput scores,
                          TensorInput::make(inputs, 0, "scores", rank, "[…, C]"));
  const std::int64_t count = scores.shape[0];
  if (count < 1 || inputs.size() != 1) {
    return wrong_shape("scores", *inputs[0].tensor, "[…, C] as the only input");
  }
  Classes op(scores);
  EDGERT_ASSIGN_OR_RETURN(op.activation_, activation_option(params, "none"));
  EDGERT_ASSIGN_OR_RETURN(op.min_score_, real_option(params, "min_score", 0, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(const int top, whole_option(params, "top", 5, 1, 1000));
  op.top_ = static_cast<int>(std::min<std::int64_t>(top, count));
  op.spec_ = {"classes", DType::kFloat32, Shape{-1, 2},
              static_cast<std::size_t>(op.top_) * sizeof(Ranked)};
  return op;
}

// Ranks raw scores: both activations keep their order.
int Classes::rank(const float* scores, std::int64_t count, Ranked* best) const {
  int found = 0;
  float least = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < count; ++i) {
    const bool wanted = found < top_ ? scores[i] >= least : scores[i] > least;
    if (!wanted) continue;  // NaN is never wanted
    found = insert(best, found, top_, {static_cast<float>(i), scores[i]});
    if (found == top_) least = best[found - 1].value;
  }
  return found;
}

void Classes::activate(const float* scores, std::int64_t count, Ranked* best, int found) const {
  if (activation_ == ScoreActivation::kNone || found == 0) return;
  if (activation_ == ScoreActivation::kSigmoid) {
    for (int i = 0; i < found; ++i) best[i].value = sigmoid(best[i].value);
    return;
  }
  const float peak = best[0].value, sum = exponential_sum(scores, count, peak);
  for (int i = 0; i < found; ++i) best[i].value = std::exp(best[i].value - peak) / sum;
}

Status Classes::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, scores_.check(inputs[0]));
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{top_, 2}));
  Tensor& output = context.output(0);
  auto* best = output.data<Ranked>();
  const float* scores = inputs[0].tensor->data<const float>();
  int found = rank(scores, shape[0], best);
  activate(scores, shape[0], best, found);
  while (found > 0 && !(best[found - 1].value >= min_score_)) --found;
  output.set_shape({found, 2});
  return {};
}

}  // namespace

TransformEntry classes_entry() {
  return entry_of<Classes>();
}

}  // namespace edgert
