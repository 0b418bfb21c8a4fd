#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "edgert/transform/answer/nms.h"

namespace edgert {
namespace {

Candidate candidate(Box box, float score, int index, int label = 0) {
  return {box, score, index, label, -1};
}

std::vector<int> groups_of(std::vector<Candidate>& candidates, const NmsRule& rule) {
  sort_by_score(candidates);
  group_overlapping(candidates, rule);
  std::vector<int> groups;
  for (const Candidate& c : candidates) groups.push_back(c.group);
  return groups;
}

TEST(Nms, OverlapOfBoxes) {
  EXPECT_FLOAT_EQ(overlap({0, 0, 2, 2}, {1, 0, 3, 2}), 1.0f / 3);
  EXPECT_FLOAT_EQ(overlap({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_EQ(overlap({0, 0, 2, 2}, {2, 0, 3, 2}), 0);
  EXPECT_EQ(overlap({0, 0, 2, 2}, {5, 5, 6, 6}), 0);
}

TEST(Nms, ChainsAreNotSwallowed) {
  // The second overlaps the first, the third only the second: the first and the third stay.
  std::vector<Candidate> c{candidate({0, 0, 10, 10}, 0.9f, 0), candidate({4, 0, 14, 10}, 0.8f, 1),
                           candidate({8, 0, 18, 10}, 0.7f, 2)};
  EXPECT_EQ(groups_of(c, {Nms::kHard, 0.3f, true, 10}), (std::vector{0, 0, 1}));
}

TEST(Nms, ClassesApartOrTogether) {
  std::vector<Candidate> c{candidate({0, 0, 10, 10}, 0.9f, 0, 1),
                           candidate({0, 0, 10, 10}, 0.8f, 1, 2),
                           candidate({0, 0, 10, 10}, 0.7f, 2, 1)};
  std::vector<Candidate> same = c;
  EXPECT_EQ(groups_of(c, {Nms::kHard, 0.5f, true, 10}), (std::vector{0, 1, 0}));
  EXPECT_EQ(groups_of(same, {Nms::kHard, 0.5f, false, 10}), (std::vector{0, 0, 0}));
}

TEST(Nms, StopsAtTheMostGroups) {
  std::vector<Candidate> c;
  for (int i = 0; i < 5; ++i) {
    const auto x = static_cast<float>(10 * i);
    c.push_back(candidate({x, 0, x + 5, 5}, 0.5f, i));
  }
  EXPECT_EQ(groups_of(c, {Nms::kHard, 0.5f, true, 2}), (std::vector{0, 1, -1, -1, -1}));
}

TEST(Nms, NoneKeepsAll) {
  std::vector<Candidate> c(3, candidate({0, 0, 1, 1}, 0.5f, 0));
  EXPECT_EQ(groups_of(c, {Nms::kNone, 0.5f, true, 10}), (std::vector{0, 1, 2}));
}

TEST(Nms, EqualScoresKeepTheOrderOfRowsHoweverTheyCome) {
  std::vector<Candidate> c;
  for (int i = 0; i < 200; ++i) c.push_back(candidate({0, 0, 1, 1}, i % 3 == 0 ? 0.5f : 0.25f, i));
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    std::ranges::shuffle(c, random);
    sort_by_score(c);
    for (std::size_t i = 1; i < c.size(); ++i) {
      EXPECT_GE(c[i - 1].score, c[i].score);
      if (c[i - 1].score == c[i].score) {
        EXPECT_LT(c[i - 1].index, c[i].index);
      }
    }
  }
}

TEST(Nms, WhatStaysNeverOverlapsOnRandomBoxes) {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> place(0, 100), size(1, 40), score(0, 1);
  for (int round = 0; round < 20; ++round) {
    std::vector<Candidate> c;
    for (int i = 0; i < 100; ++i) {
      const float x = place(random), y = place(random);
      c.push_back(candidate({x, y, x + size(random), y + size(random)}, score(random), i));
    }
    groups_of(c, {Nms::kHard, 0.4f, true, 1000});
    std::vector<Candidate> leaders;
    for (const Candidate& one : c) {
      ASSERT_GE(one.group, 0);
      if (one.group == static_cast<int>(leaders.size())) {
        for (const Candidate& other : leaders) EXPECT_LE(overlap(one.box, other.box), 0.4f);
        leaders.push_back(one);
      } else {
        EXPECT_GT(overlap(one.box, leaders[static_cast<std::size_t>(one.group)].box), 0.4f);
      }
    }
  }
}

}  // namespace
}  // namespace edgert
