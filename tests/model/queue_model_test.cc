// IntakeStack, Ring and IndexStack under all the reorderings that the memory model allows.
#include "edgert/memory/pool.h"
#include "edgert/queue/intake_stack.h"
#include "edgert/queue/ring.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

struct Item {
  Plain<Item*> next;
  Plain<int> payload;
};

// Two producers of two items, and a taker: each item is taken once, in its producer's order.
struct Intake : rl::test_suite<Intake, 3> {
  std::optional<IntakeStack<Item, Atomic>> stack;
  std::optional<std::array<Item, 4>> items;
  int seen[4];
  int last[2];

  void before() {
    stack.emplace();
    items.emplace();
    for (int& count : seen) count = 0;
    last[0] = last[1] = -1;
  }
  void take() {
    for (Item* item = stack->take_all(); item;) {
      const int id = static_cast<int>(item - items->data());
      RL_ASSERT(item->payload == 100 + id);
      RL_ASSERT(seen[id]++ == 0);
      RL_ASSERT(id > last[id / 2]);
      last[id / 2] = id;
      item = item->next;
    }
  }
  void thread(unsigned index) {
    if (index == 2) return take(), take();
    for (unsigned i = 2 * index; i < 2 * index + 2; ++i) {
      (*items)[i].payload = 100 + static_cast<int>(i);
      stack->push(&(*items)[i]);
    }
  }
  void after() {
    take();
    for (int count : seen) RL_ASSERT(count == 1);
    stack.reset();
    items.reset();
  }
};

TEST(Model, IntakeStackGivesEachItemOnceInOrder) {
  EXPECT_TRUE(holds<Intake>());
}

// A ring of two places, two producers and two consumers: places are used again.
struct Rings : rl::test_suite<Rings, 4> {
  std::optional<Ring<Plain<int>, Atomic>> ring;
  int pushed, popped, sum;

  void before() {
    ring.emplace(2);
    pushed = popped = sum = 0;
  }
  void pop() {
    Plain<int> value;
    if (!ring->try_pop(value)) return;
    ++popped;
    sum += value;
  }
  void thread(unsigned index) {
    for (int i = 0; i < 3; ++i) {
      if (index >= 2) {
        pop();
      } else if (ring->try_push(Plain<int>(1 + i))) {
        ++pushed;
        sum -= 1 + i;
      }
    }
  }
  void after() {
    for (int left = pushed - popped; left > 0; --left) pop();
    RL_ASSERT(pushed == popped && sum == 0);
    RL_ASSERT(ring->size() == 0);
    ring.reset();
  }
};

TEST(Model, RingMovesEachValueOnce) {
  EXPECT_TRUE(holds<Rings>());
}

// Who sees by size() that a value left sees what its taker wrote before: idle() relies on it.
struct RingSize : rl::test_suite<RingSize, 2> {
  std::optional<Ring<Plain<int>, Atomic>> ring;
  std::optional<Atomic<int>> in_flight;

  void before() {
    ring.emplace(2);
    in_flight.emplace(0);
    ring->try_push(Plain<int>(1));
  }
  void thread(unsigned index) {
    if (index == 0) {
      in_flight->fetch_add(1, std::memory_order_relaxed);
      Plain<int> value;
      while (!ring->try_pop(value)) rl::yield(1, RL_INFO);
    } else if (ring->size() == 0) {
      RL_ASSERT(in_flight->load(std::memory_order_relaxed) == 1);
    }
  }
  void after() {
    ring.reset();
    in_flight.reset();
  }
};

TEST(Model, RingSizeTellsWhatCameBefore) {
  EXPECT_TRUE(holds<RingSize>());
}

// Three threads take and give back two places: nobody holds one that another holds.
struct Places : rl::test_suite<Places, 3> {
  std::optional<BasicIndexStack<Atomic>> stack;
  std::optional<std::array<Plain<int>, 2>> uses;

  void before() {
    stack.emplace();
    uses.emplace();
    stack->push(0);
    stack->push(1);
  }
  void thread(unsigned) {
    for (int i = 0; i < 3; ++i) {
      const std::uint32_t place = stack->pop();
      if (place == BasicIndexStack<Atomic>::kNone) continue;
      (*uses)[place] = (*uses)[place] + 1;
      stack->push(place);
    }
  }
  void after() {
    RL_ASSERT(stack->pop() + stack->pop() == 1);
    RL_ASSERT(stack->pop() == BasicIndexStack<Atomic>::kNone);
    stack.reset();
    uses.reset();
  }
};

TEST(Model, IndexStackGivesAPlaceToOneOnly) {
  EXPECT_TRUE(holds<Places>());
}

}  // namespace
}  // namespace edgert::model
