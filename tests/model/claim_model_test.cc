// Claim, and the way in which a join's two sides meet by it (plan/join_history.h), under all the
// reorderings that the memory model allows.
#include "edgert/queue/claim.h"
#include "edgert/queue/intake_stack.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

// Three threads write what is theirs and ask: the last run of the work sees all of it, and what the
// work itself touches is touched by one thread at a time.
struct Serving : rl::test_suite<Serving, 3> {
  std::optional<BasicClaim<Atomic>> claim;
  std::optional<std::array<Atomic<int>, 3>> written;
  std::optional<Plain<int>> seen, runs;

  void before() {
    claim.emplace();
    written.emplace();
    seen.emplace(0);
    runs.emplace(0);
  }
  void thread(unsigned index) {
    (*written)[index].store(1, std::memory_order_relaxed);
    claim->serve([&] {
      int sum = 0;
      for (Atomic<int>& one : *written) sum += one.load(std::memory_order_relaxed);
      RL_ASSERT(sum >= *seen);
      *seen = sum;
      *runs = *runs + 1;
    });
  }
  void after() {
    RL_ASSERT(*seen == 3);
    RL_ASSERT(*runs >= 1 && *runs <= 3);
    claim.reset();
    written.reset();
    seen.reset();
    runs.reset();
  }
};

TEST(Model, ClaimServesEachRequestAfterItWasMade) {
  EXPECT_TRUE(holds<Serving>());
}

struct Item {
  Plain<Item*> next;
  Plain<int> time;
};

// One thread adds two samples, two threads ask for the time of one each, a fourth tells that the
// timer fired. Each question is handed out once: with its sample, or because of the timer; and none
// stays whose sample is there.
struct Meeting : rl::test_suite<Meeting, 4> {
  std::optional<BasicClaim<Atomic>> claim;
  std::optional<IntakeStack<Item, Atomic>> arrivals, asked;
  std::optional<Atomic<bool>> fired;
  std::optional<std::array<Item, 2>> samples, questions;
  std::optional<Plain<int>> reached;
  std::optional<std::array<Plain<bool>, 2>> waiting;
  std::optional<Plain<bool>> over;
  int answered[2];

  void before() {
    claim.emplace();
    arrivals.emplace();
    asked.emplace();
    fired.emplace(false);
    samples.emplace();
    questions.emplace();
    reached.emplace(0);
    waiting.emplace();
    over.emplace(false);
    answered[0] = answered[1] = 0;
  }
  void settle() {
    Item* out[2];
    int count = 0;
    claim->serve([&] {
      if (fired->load(std::memory_order_acquire)) *over = true;
      for (Item* sample = arrivals->take_all(); sample;) {
        Item* following = sample->next;
        RL_ASSERT(sample->time == *reached + 1);
        *reached = sample->time;
        sample = following;
      }
      for (Item* question = asked->take_all(); question;) {
        Item* following = question->next;
        (*waiting)[static_cast<std::size_t>(question - questions->data())] = true;
        question = following;
      }
      for (std::size_t i = 0; i < 2; ++i) {
        if (!(*waiting)[i] || ((*questions)[i].time > *reached && !*over)) continue;
        (*waiting)[i] = false;
        out[count++] = &(*questions)[i];
      }
    });
    for (int i = 0; i < count; ++i) ++answered[out[i] - questions->data()];
  }
  void thread(unsigned index) {
    if (index == 0) {
      for (std::size_t i = 0; i < 2; ++i) {
        (*samples)[i].time = static_cast<int>(i) + 1;
        arrivals->push(&(*samples)[i]);
        settle();
      }
    } else if (index < 3) {
      (*questions)[index - 1].time = static_cast<int>(index) + 1;  // 2 comes, 3 doesn't
      asked->push(&(*questions)[index - 1]);
      settle();
    } else {
      fired->store(true, std::memory_order_release);
      settle();
    }
  }
  void after() {
    RL_ASSERT(answered[0] == 1 && answered[1] == 1);
    claim.reset();
    arrivals.reset();
    asked.reset();
    fired.reset();
    samples.reset();
    questions.reset();
    reached.reset();
    waiting.reset();
    over.reset();
  }
};

TEST(Model, EachQuestionOfAJoinIsAnsweredOnce) {
  EXPECT_TRUE(holds<Meeting>());
}

}  // namespace
}  // namespace edgert::model
