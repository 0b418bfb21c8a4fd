// What several applications want of one frame: whose it is then, and who finds it.
#include <tuple>

#include "cache_fixture.h"

namespace edgert::testing {
namespace {

// Two applications on one sensor, whose work is one node; b wants every third frame.
struct Box {
  Box(CacheShare share_a, CacheShare share_b) {
    add_application(plan, "a", share_a);
    add_application(plan, "b", share_b);
    rows = plan.rows(plan.sensor("s", requests()));
    shared = plan.run(work(plan, "m"), rows, "shared");
  }
  void run() {
    running = std::make_unique<Running>(plan, cached());
    a = must(running->runtime->pipeline("a/p"));
    b = must(running->runtime->pipeline("b/p"));
    a->attach_reader();
    b->attach_reader();
    running->runtime->start();
  }
  ~Box() {
    if (running) running->runtime->stop();
  }
  Answer next(PipelinePort& port) {
    Answer answer;
    EXPECT_TRUE(running->runtime->next(port, answer, now() + 20 * kSecond));
    return answer;
  }
  // Whether the answer was there already; all who want the frame see the same of it.
  bool found(float value, bool both) {
    running->push("s", {value, 6});
    const Answer answer = next(*a);
    EXPECT_EQ(value_of(answer), value);
    if (both) {
      const Answer other = next(*b);
      EXPECT_EQ(value_of(other), value);
      EXPECT_EQ(other.cached, answer.cached);
    }
    return answer.cached;
  }
  CacheUseSnapshot use(std::size_t application) const {
    return running->runtime->snapshot().applications[application].cache;
  }

  TestPlan plan;
  ValueRef rows, shared;
  std::unique_ptr<Running> running;
  PipelinePort *a = nullptr, *b = nullptr;
};

PipelineSpec every_third(ValueRef value) {
  PipelineSpec spec = of("b", "p", value);
  spec.every = 3;
  return spec;
}

class Together : public ::testing::TestWithParam<std::tuple<CacheShare, CacheShare>> {};

TEST_P(Together, EachFindsWhatItAskedForAloneOrWithOthersAndNothingElse) {
  const auto [share_a, share_b] = GetParam();
  const bool a_keeps = share_a != CacheShare::kOff, b_keeps = share_b != CacheShare::kOff;
  const bool both_keep = a_keeps && b_keeps;
  const bool common = share_a == CacheShare::kOthers && share_b == CacheShare::kOthers;
  Box box(share_a, share_b);
  box.plan.add(of("a", "p", box.shared));
  box.plan.add(every_third(box.shared));
  box.run();
  EXPECT_FALSE(box.found(1, true));
  EXPECT_EQ(box.found(1, false), both_keep);  // computed for a, too
  EXPECT_FALSE(box.found(2, false));
  EXPECT_EQ(box.found(2, true), common);  // b never asked for it
  EXPECT_EQ(box.found(2, false), a_keeps);
  EXPECT_EQ(box.found(1, false), a_keeps);
  EXPECT_EQ(box.found(2, true), both_keep);  // now it did
  const CacheUseSnapshot use = box.use(1);
  const int found = both_keep ? (common ? 2 : 1) : 0;
  EXPECT_EQ(use.hits + use.waits, found);
  EXPECT_EQ(use.misses, both_keep ? 3 - found : 0);
  // One result a content, however often it was computed for one more.
  EXPECT_EQ(box.running->runtime->snapshot().cache.results, a_keeps ? 2 : 0);
}

INSTANTIATE_TEST_SUITE_P(All, Together,
                         ::testing::Values(std::tuple(CacheShare::kOthers, CacheShare::kOthers),
                                           std::tuple(CacheShare::kOwn, CacheShare::kOwn),
                                           std::tuple(CacheShare::kOwn, CacheShare::kOthers),
                                           std::tuple(CacheShare::kOthers, CacheShare::kOwn),
                                           std::tuple(CacheShare::kOff, CacheShare::kOthers),
                                           std::tuple(CacheShare::kOwn, CacheShare::kOff),
                                           std::tuple(CacheShare::kOff, CacheShare::kOff)));

// Behind a condition b may come to want what a asked for alone: a finds it, and b would, too.
TEST(Together, WhatOneMayStillComeToWantIsNotFoundForTheOther) {
  Box box(CacheShare::kOwn, CacheShare::kOwn);
  const int gate = box.plan.gate(box.plan.run(work(box.plan, "score"), box.rows, "score"), 0.5);
  box.plan.add(of("a", "p", box.shared));
  PipelineSpec behind = TestPlan::pipeline_of("p", {{"out", box.shared, gate}});
  behind.application = "b";
  behind.every = 3;
  box.plan.add(behind);
  box.run();
  EXPECT_FALSE(box.found(1, true));
  EXPECT_FALSE(box.found(1, false));
  EXPECT_TRUE(box.found(1, false));
  EXPECT_FALSE(box.found(1, true));  // though a alone finds it
  EXPECT_EQ(box.running->node("shared").executed, 3);
}

// One condition opens for both.
TEST(Together, BehindTheSameConditionItIsFound) {
  Box box(CacheShare::kOwn, CacheShare::kOwn);
  const int gate = box.plan.gate(box.plan.run(work(box.plan, "score"), box.rows, "score"), 0.5);
  for (const char* application : {"a", "b"}) {
    PipelineSpec behind = TestPlan::pipeline_of("p", {{"out", box.shared, gate}});
    behind.application = application;
    box.plan.add(behind);
  }
  box.run();
  EXPECT_FALSE(box.found(1, true));
  EXPECT_TRUE(box.found(1, true));
  EXPECT_EQ(box.running->node("shared").executed, 1);
}

// More pipelines than are told apart: none finds anything, and all are answered.
TEST(Together, OfMoreThanAreToldApartNothingIsKept) {
  Box box(CacheShare::kOwn, CacheShare::kOwn);
  for (int i = 0; i < kMostOwners; ++i)
    box.plan.add(of("a", i == 0 ? "p" : "p" + std::to_string(i), box.shared));
  box.plan.add(of("b", "p", box.shared));
  box.run();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(box.found(1, true));
}

// Nothing of its frames is hashed, copied or kept.
TEST(Together, OfASensorWhoseReadersAreAllOffNothingIsKept) {
  Box box(CacheShare::kOff, CacheShare::kOff);
  box.plan.add(of("a", "p", box.shared));
  box.plan.add(of("b", "p", box.shared));
  box.run();
  for (int i = 0; i < 3; ++i) {
    box.running->push("s", {1, 6});
    const Answer answer = box.next(*box.a);
    EXPECT_FALSE(answer.frame->content);
    box.next(*box.b);
  }
}

}  // namespace
}  // namespace edgert::testing
