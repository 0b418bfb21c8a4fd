// Passing over frames evenly.
#include "edgert/runtime/even_skip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace edgert {
namespace {

// The longest run of frames that were passed over, among the last `count`.
int longest_run(EvenSkip& skip, int count) {
  int longest = 0, run = 0;
  for (int i = 0; i < count; ++i) {
    run = skip.take() ? 0 : run + 1;
    longest = std::max(longest, run);
  }
  return longest;
}

TEST(EvenSkip, TakesAllWhileNothingIsLate) {
  EvenSkip skip;
  EXPECT_EQ(longest_run(skip, 1000), 0);
  EXPECT_EQ(skip.share(), 1.0);
}

TEST(EvenSkip, SpreadsWhatItPassesOver) {
  EvenSkip skip;
  skip.trouble();
  for (int i = 0; i < 8; ++i) skip.take();
  EXPECT_DOUBLE_EQ(skip.share(), 0.75);
  std::vector<bool> taken;
  for (int i = 0; i < 7; ++i) taken.push_back(skip.take());
  EXPECT_GE(std::ranges::count(taken, true), 5);
  EXPECT_EQ(longest_run(skip, 1000), 1);
}

TEST(EvenSkip, GoesDownWhileTroubleLastsNeverToNothingAndComesBack) {
  EvenSkip skip;
  int taken = 0;
  for (int i = 0; i < 4000; ++i) {
    skip.trouble();
    taken += skip.take();
  }
  EXPECT_DOUBLE_EQ(skip.share(), 1.0 / 32);
  EXPECT_GE(taken, 4000 / 32);
  longest_run(skip, 8 * 60);
  EXPECT_EQ(skip.share(), 1.0);
}

}  // namespace
}  // namespace edgert
