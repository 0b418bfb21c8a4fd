// What is kept for later frames, and who waits for it: no reader sees a half-made or given-back
// result, nobody who attached is forgotten.
#include "edgert/plan/attachments.h"
#include "edgert/plan/last_result.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

struct Kept {
  Plain<int> first, second;  // equal, and above 0 while it is in use
  void clear() { first = second = 0; }
};

// Two threads keep results, one looks twice: with two records, so that they are used again.
struct Keeping : rl::test_suite<Keeping, 3> {
  std::optional<BasicLastResult<Kept, Atomic, 2>> last;

  void before() {
    last.emplace([](Kept&) {});
  }
  void thread(unsigned index) {
    if (index < 2) {
      for (int i = 0; i < 2; ++i) keep(1 + static_cast<int>(index) + 2 * i);
    } else {
      for (int i = 0; i < 3; ++i) look();
    }
  }
  void keep(int number) {
    last->keep(static_cast<std::uint64_t>(number), [&](Kept& kept) {
      kept.first = number;
      kept.second = number;
    });
  }
  void look() {
    int seen = 0;
    const std::uint64_t number = last->give([&](const Kept& kept) {
      seen = kept.first;
      RL_ASSERT(seen > 0 && seen == static_cast<int>(kept.second));
    });
    RL_ASSERT(number == static_cast<std::uint64_t>(seen));
  }
  void after() { last.reset(); }
};

TEST(Model, ALastResultIsSeenWholeOrNotAtAll) {
  EXPECT_TRUE(holds<Keeping>(100000));
}

// One thread ends an activation and begins another in its place; two attach to the first.
struct Attaching : rl::test_suite<Attaching, 3> {
  std::optional<BasicAttachments<Atomic>> attachments;
  std::optional<Plain<int>> written[3];
  std::uint32_t following[3];
  int attached;
  std::uint32_t told;

  void before() {
    attachments.emplace();
    attachments->open(1);
    for (auto& place : written) place.emplace(0);
    attached = 0;
    told = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint32_t who = attachments->close(1); who != 0; who = following[who]) {
        RL_ASSERT(static_cast<int>(*written[who]) == 1);
        ++told;
      }
      attachments->open(2);
    } else {
      *written[index] = 1;
      if (attachments->attach(1, index, following[index])) ++attached;
    }
  }
  void after() {
    RL_ASSERT(static_cast<int>(told) == attached);
    RL_ASSERT(attachments->close(2) == 0);
    for (auto& place : written) place.reset();
    attachments.reset();
  }
};

TEST(Model, WhoAttachedIsToldOnceAndNobodyToALaterActivation) {
  EXPECT_TRUE(holds<Attaching>(100000));
}

}  // namespace
}  // namespace edgert::model
