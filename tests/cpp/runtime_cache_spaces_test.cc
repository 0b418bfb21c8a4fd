// Whose results of equal content are found by whom.
#include <tuple>

#include "cache_fixture.h"

namespace edgert::testing {
namespace {

class Spaces : public ::testing::TestWithParam<std::tuple<CacheShare, CacheShare, bool>> {};

// Two applications ask the same on sensors of their own.
TEST_P(Spaces, ResultsCrossApplicationsOnlyWhereBothSaySo) {
  const auto [share_a, share_b, crosses] = GetParam();
  TestPlan plan;
  add_application(plan, "a", share_a);
  add_application(plan, "b", share_b);
  const ValueRef s = plan.sensor("sa", requests()), t = plan.sensor("sb", requests());
  const int model = work(plan, "m");
  plan.add(of("a", "p", plan.run(model, plan.rows(s), "of a"), 0));
  plan.add(of("b", "p", plan.run(model, plan.rows(t), "of b"), 1));
  Running running(plan, cached());
  PipelinePort& a = *must(running.runtime->pipeline("a/p"));
  PipelinePort& b = *must(running.runtime->pipeline("b/p"));
  a.attach_reader();
  b.attach_reader();
  running.runtime->start();
  const auto ask = [&](const std::string& sensor, PipelinePort& port) {
    running.push(sensor, {5, 6});
    Answer answer;
    EXPECT_TRUE(running.runtime->next(port, answer, now() + 20 * kSecond));
    EXPECT_EQ(value_of(answer), 5);
    return answer.cached;
  };
  EXPECT_FALSE(ask("sa", a));
  EXPECT_EQ(ask("sa", a), share_a != CacheShare::kOff);
  EXPECT_EQ(running.runtime->snapshot().applications[1].cache.hits, 0);
  EXPECT_EQ(running.runtime->snapshot().applications[1].cache.misses, 0);
  EXPECT_EQ(ask("sb", b), crosses);
  EXPECT_EQ(running.node("of b").executed, crosses ? 0 : 1);
  running.runtime->stop();
}

INSTANTIATE_TEST_SUITE_P(
    All, Spaces,
    ::testing::Values(std::tuple(CacheShare::kOthers, CacheShare::kOthers, true),
                      std::tuple(CacheShare::kOthers, CacheShare::kOwn, false),
                      std::tuple(CacheShare::kOwn, CacheShare::kOthers, false),
                      std::tuple(CacheShare::kOwn, CacheShare::kOwn, false),
                      std::tuple(CacheShare::kOff, CacheShare::kOthers, false),
                      std::tuple(CacheShare::kOthers, CacheShare::kOff, false)));

}  // namespace
}  // namespace edgert::testing
