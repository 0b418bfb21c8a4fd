#include "edgert/transform/answer/score_scan.h"

namespace edgert {
namespace {

struct Columns {
  int first, last;  // classes are first..last-1
};

Columns classes_of(const ScoreRule& rule, int columns) {
  if (rule.nothing == 0) return {1, columns};
  if (rule.nothing == columns - 1) return {0, columns - 1};
  return {0, columns};
}

int best_of(const float* row, Columns columns) {
  int best = -1;
  float peak = -std::numeric_limits<float>::infinity();
  for (int i = columns.first; i < columns.last; ++i) {
    if (row[i] > peak) peak = row[i], best = i;
  }
  return best;
}

// exp(best) / sum of exp over all columns. Against the "nothing" column alone it is a sigmoid of
// their difference, which is an upper bound: most rows end there.
float softmax_score(const float* row, int columns, int best, const ScoreRule& rule, float bound) {
  if (rule.nothing >= 0 && !(row[best] - row[rule.nothing] >= bound)) return -1;
  const float peak = std::max(row[best], rule.nothing >= 0 ? row[rule.nothing] : row[best]);
  return std::exp(row[best] - peak) / exponential_sum(row, columns, peak);
}

class RowScore {
 public:
  RowScore(const ScoreRule& rule, int columns)
      : rule_(rule),
        count_(columns),
        classes_(classes_of(rule, columns)),
        bound_(logit(rule.min_score)) {}

  Columns classes() const { return classes_; }
  bool candidate(const float* row, std::int64_t index, Candidate& out) const {
    const int best = best_of(row, classes_);
    if (best < 0) return false;
    float score = row[best];
    if (rule_.activation == ScoreActivation::kSigmoid) score = sigmoid(score);
    if (rule_.activation == ScoreActivation::kSoftmax) {
      score = softmax_score(row, count_, best, rule_, bound_);
    }
    if (!(score >= rule_.min_score) || !std::isfinite(score)) return false;
    out = {{}, score, static_cast<std::int32_t>(index), best, -1};
    return true;
  }

 private:
  const ScoreRule& rule_;
  int count_;
  Columns classes_;
  float bound_;
};

}  // namespace

Result<ScoreRule> ScoreRule::make(const Params& params, std::string_view activation,
                                  double min_score) {
  ScoreRule rule;
  EDGERT_ASSIGN_OR_RETURN(rule.activation, activation_option(params, activation));
  EDGERT_ASSIGN_OR_RETURN(rule.min_score, real_option(params, "min_score", min_score, 0, 1));
  return rule;
}

std::int64_t scan_scores(const float* scores, std::int64_t rows, int columns, const ScoreRule& rule,
                         Candidate* out) {
  const RowScore row_score(rule, columns);
  const auto [first, last] = row_score.classes();
  const float threshold = rule.raw_threshold();
  const std::int64_t block = columns == 1 ? 64 : 1;  // rows that one comparison loop covers
  std::int64_t found = 0;
  for (std::int64_t begin = 0; begin < rows; begin += block) {
    const std::int64_t end = std::min(rows, begin + block);
    const float* values = scores + begin * columns + first;
    if (!any_at_least(values, (end - begin) * (last - first), threshold)) continue;
    for (std::int64_t row = begin; row < end; ++row) {
      found += row_score.candidate(scores + row * columns, row, out[found]) ? 1 : 0;
    }
  }
  return found;
}

}  // namespace edgert
