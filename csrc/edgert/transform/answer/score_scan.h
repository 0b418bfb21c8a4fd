// Finds the rows of a score matrix that have a class worth looking at.
#pragma once

#include <algorithm>
#include <cstdint>

#include "edgert/transform/answer/activation.h"
#include "edgert/transform/answer/candidate.h"

namespace edgert {

struct ScoreRule {
  ScoreActivation activation = ScoreActivation::kNone;
  float min_score = 0.5f;
  int nothing = -1;  // the column that means "no object": the first, the last, or none

  static Result<ScoreRule> make(const Params& params, std::string_view activation,
                                double min_score = 0.5);

  // The least raw score that can reach min_score, so that most rows cost one comparison a column.
  float raw_threshold() const {
    if (activation == ScoreActivation::kSigmoid) return logit(min_score);
    if (activation == ScoreActivation::kNone) return min_score;
    return -std::numeric_limits<float>::infinity();
  }
};

// Whether any of `count` values is at least `threshold`. NaN is not. Counts instead of stopping
// early because that is what compilers vectorise.
inline bool any_at_least(const float* values, std::int64_t count, float threshold) {
  int hits = 0;
  for (std::int64_t i = 0; i < count; ++i) hits += values[i] >= threshold ? 1 : 0;
  return hits > 0;
}

// Scores are [rows, columns]. Writes a candidate with index, label and score for each row whose
// best class reaches the rule's score, in the order of rows. `out` has room for all rows.
std::int64_t scan_scores(const float* scores, std::int64_t rows, int columns, const ScoreRule& rule,
                         Candidate* out);

}  // namespace edgert
