#include "edgert/plan/scene_recall.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "edgert/plan/activation.h"

namespace edgert {
namespace {

// What the frame of one activation looked like.
struct Look {
  std::uint64_t number = 0;  // 0: none
  Nanos time = 0;
  Tensor cells;
};

// Which cells count: of the grid, in cells.
struct CellRange {
  std::int64_t left = 0, top = 0, right = 0, bottom = 0;
};

class SceneRecall final : public Recall {
 public:
  SceneRecall(Nanos max_age, float threshold, std::int64_t columns, const CellRange& range,
              CompiledScope& scope, CompiledNode& target)
      : max_age_(max_age),
        threshold_(threshold),
        columns_(columns),
        range_(range),
        scope_(scope),
        target_(target),
        differences_(
            static_cast<std::size_t>((range.right - range.left) * (range.bottom - range.top))) {}

  Answer ask(Execution& asking) override {
    const InputLocation& at = asking.node->inputs[0];
    // Held here: once it waits for a flight, whoever ends that may end it, and let its inputs go.
    Tensor cells = asking.activation->input(at).outputs[static_cast<std::size_t>(at.output)];
    const Activation& root = *asking.activation->root;
    const Answer answer = decide(asking, cells);
    recent_[root.number % recent_.size()] = {root.number, root.frame->media_time, std::move(cells)};
    return answer;
  }
  bool serves(const Execution& asking) const override {
    return is_within(asking, asking.of_time, max_age_);
  }
  bool ordered() const override { return true; }

 private:
  Answer decide(Execution& asking, const Tensor& cells) {
    const std::uint64_t number = take_last(target_, asking);
    if (number) {
      remember(number);
      if (serves(asking) && looks_alike(reference_, asking.of_time, cells)) return Answer::kUse;
    }
    const Flight flight = flight_of(scope_, target_, asking.activation->root->number);
    if (!flight.execution || flight.number <= number || !is_within(asking, flight.time, max_age_))
      return Answer::kCompute;
    const Look& look = recent_[flight.number % recent_.size()];
    if (look.number != flight.number || !looks_alike(look, flight.time, cells))
      return Answer::kCompute;
    return attach(flight, asking) ? Answer::kWait : Answer::kCompute;
  }

  // The result may be of a frame that this pipeline did not look at; then nothing is like it.
  void remember(std::uint64_t number) {
    if (reference_.number == number) return;
    const Look& look = recent_[number % recent_.size()];
    reference_ = look.number == number ? look : Look{};
  }

  // A result may be of an older frame than the one that it came with: it read what was reused.
  bool looks_alike(const Look& look, Nanos time, const Tensor& cells) {
    return look.number != 0 && look.time == time && look.cells.shape() == cells.shape() &&
           change(look.cells.data<const float>(), cells.data<const float>()) <= threshold_;
  }

  // The largest difference of a cell. What all cells have in common is light, not change.
  float change(const float* before, const float* now) {
    std::size_t count = 0;
    for (std::int64_t row = range_.top; row < range_.bottom; ++row)
      for (std::int64_t column = range_.left; column < range_.right; ++column) {
        const std::int64_t at = row * columns_ + column;
        differences_[count++] = now[at] - before[at];
      }
    const auto middle = differences_.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::ranges::nth_element(differences_, middle);
    const float common = *middle;
    float largest = 0;
    for (float difference : differences_)
      largest = std::max(largest, std::abs(difference - common));
    return largest;
  }

  Nanos max_age_;
  float threshold_;
  std::int64_t columns_;
  CellRange range_;
  CompiledScope& scope_;
  CompiledNode& target_;
  std::vector<float> differences_;
  Look reference_;
  std::array<Look, 2 * kMostRoots> recent_;  // more than can be under way at once
};

}  // namespace

Result<std::unique_ptr<Recall>> make_scene_recall(const NodeSpec& spec, Nanos max_age,
                                                  CompiledScope& scope, CompiledNode& target) {
  EDGERT_ASSIGN_OR_RETURN(const double threshold, spec.params.real("threshold", -1));
  EDGERT_ASSIGN_OR_RETURN(const auto range, spec.params.integers("cells"));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t columns, spec.params.integer("columns", 0));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t rows, spec.params.integer("rows", 0));
  if (!(threshold >= 0 && threshold <= 255))
    return Status::invalid("threshold", "out of range", "it must be 0 to 255 levels");
  if (columns < 1 || rows < 1 || range.size() != 4 || range[0] < 0 || range[1] < 0 ||
      range[2] <= range[0] || range[3] <= range[1] || range[2] > columns || range[3] > rows)
    return Status::invalid("cells", "are not of the grid");
  return std::unique_ptr<Recall>(new SceneRecall(max_age, static_cast<float>(threshold), columns,
                                                 {range[0], range[1], range[2], range[3]}, scope,
                                                 target));
}

}  // namespace edgert
