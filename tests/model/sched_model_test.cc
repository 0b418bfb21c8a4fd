// The sequencer, the exit, the event count and the groups: no turn, wake or work is lost, none is
// doubled.
#include "edgert/plan/sequencer.h"
#include "edgert/queue/event_count.h"
#include "edgert/runtime/ordered_exit.h"
#include "edgert/sched/group.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

struct Turn {
  std::uint64_t ticket = 0;
};

// Four tickets over two places, with two items used again: who ran the second arrives with the
// fourth and the third, in this order.
struct Turns : rl::test_suite<Turns, 2> {
  std::optional<Sequencer<Turn, Atomic>> sequencer;
  std::optional<Plain<int>> ran;  // guarded by the turn
  Turn items[2];

  void before() {
    sequencer.emplace(2);
    ran.emplace(0);
    items[0].ticket = 0;
    items[1].ticket = 1;
  }
  void work(Turn* item) {
    while (item) {
      RL_ASSERT(item->ticket == static_cast<std::uint64_t>(static_cast<int>(*ran)));
      const bool second = item->ticket == 1;
      *ran = *ran + 1;
      item = sequencer->pass();
      if (second) {
        items[0].ticket = 2;
        items[1].ticket = 3;
        work(sequencer->arrive(3, &items[1]));
        work(sequencer->arrive(2, &items[0]));
      }
    }
  }
  void thread(unsigned index) { work(sequencer->arrive(index, &items[index])); }
  void after() {
    RL_ASSERT(*ran == 4);
    sequencer.reset();
    ran.reset();
  }
};

TEST(Model, SequencerGivesEachTurnOnceInOrder) {
  EXPECT_TRUE(holds<Turns>(200000));
}

// Three threads admit what they then let leave, as lanes do, with room for two: items and places
// are used again and again, and each leaves in the order of the tickets, one at a time.
struct Exits : rl::test_suite<Exits, 3> {
  struct Item {
    Plain<int> ticket;
  };
  std::optional<OrderedExit<Item, Atomic>> way_out;
  std::optional<Atomic<bool>> admitting;
  std::optional<Plain<int>> left;  // guarded by the turn
  std::optional<std::array<Item, 2>> items;
  int admitted;

  void before() {
    way_out.emplace(2);
    admitting.emplace(false);
    left.emplace(0);
    items.emplace();
    admitted = 0;
  }
  // The ticket, or -1 when another thread admits or there is no room.
  int admit() {
    if (admitting->exchange(true, std::memory_order_acquire)) return -1;
    int ticket = -1;
    if (way_out->has_room()) {
      ticket = static_cast<int>(way_out->take_ticket());
      (*items)[static_cast<std::size_t>(ticket % 2)].ticket = ticket;
      ++admitted;
    }
    admitting->store(false, std::memory_order_release);
    return ticket;
  }
  void thread(unsigned) {
    for (int i = 0; i < 3; ++i) {
      const int ticket = admit();
      if (ticket < 0) continue;
      Item& own = (*items)[static_cast<std::size_t>(ticket % 2)];
      way_out->leave(static_cast<std::uint64_t>(ticket), &own, [this](Item* item) {
        RL_ASSERT(item->ticket == static_cast<int>(*left));
        *left = *left + 1;
      });
    }
  }
  void after() {
    RL_ASSERT(*left == admitted);
    way_out.reset();
    admitting.reset();
    left.reset();
    items.reset();
  }
};

TEST(Model, ResultsLeaveOnceInOrder) {
  EXPECT_TRUE(holds<Exits>(200000));
}

// Two waiters and two notifiers that bring one thing each.
struct Wakes : rl::test_suite<Wakes, 4> {
  std::optional<BasicEventCount<Atomic, ModelFutex>> events;
  std::optional<Atomic<int>> things;

  void before() {
    ModelFutex::reset();
    events.emplace();
    things.emplace(0);
  }
  bool take() {
    int there = things->load(std::memory_order_relaxed);
    while (there > 0)
      if (things->compare_exchange_weak(there, there - 1, std::memory_order_relaxed)) return true;
    return false;
  }
  void thread(unsigned index) {
    if (index < 2) {
      things->fetch_add(1, std::memory_order_relaxed);
      events->notify_one();
      return;
    }
    while (!take()) {
      const auto ticket = events->prepare();
      if (things->load(std::memory_order_relaxed) > 0) {
        events->cancel();
        continue;
      }
      events->wait(ticket);
    }
  }
  void after() {
    RL_ASSERT(!events->has_waiters());
    events.reset();
    things.reset();
  }
};

TEST(Model, EventCountLosesNoWake) {
  EXPECT_TRUE(holds<Wakes>(50000));
}

struct Piece : Work {
  Plain<int> payload;
};

// Two submitters, of whom one also raises what it submitted, and two lanes that draw up to `most`
// from one group with one instance. When all are done, what is left can be found through the ready
// set, and everything was drawn once.
template <int most>
struct Groups : rl::test_suite<Groups<most>, 4> {
  std::optional<BasicReadySet<Atomic>> ready;
  std::optional<BasicGroup<Atomic>> group;
  std::optional<std::array<Piece, 3>> pieces;
  std::optional<Plain<int>> instance;
  int drawn;

  void before() {
    ready.emplace(1);
    group.emplace(0, 1, *ready);
    pieces.emplace();
    instance.emplace(0);
    drawn = 0;
  }
  bool draw() {
    if (ready->best() == BasicReadySet<Atomic>::kNone) return false;
    const auto draw =
        group->draw([this](const Handful& so_far, const Work&) { return so_far.count < most; });
    if (draw.count == 0) return false;
    *instance = *instance + 1;  // one at a time
    for (Work* work = draw.first; work; work = work->next) {
      ++drawn;
      RL_ASSERT(static_cast<Piece*>(work)->payload == 7);
    }
    group->give_back(draw.instance);
    return true;
  }
  void submit(std::size_t index) {
    Piece& piece = (*pieces)[index];
    piece.payload = 7;
    piece.rank = {static_cast<Nanos>(10 - index), 0};
    group->submit(&piece);
  }
  void thread(unsigned index) {
    if (index == 0) return submit(0), group->raise(&(*pieces)[0], 1), submit(1);
    if (index == 1) return submit(2);
    draw();
    draw();
  }
  void after() {
    while (draw()) {
    }
    RL_ASSERT(drawn == 3);
    group.reset();
    ready.reset();
    pieces.reset();
    instance.reset();
  }
};

TEST(Model, GroupLosesNoWork) {
  EXPECT_TRUE(holds<Groups<1>>(50000));
}

TEST(Model, GroupLosesNoWorkWhenSeveralAreDrawnAtOnce) {
  EXPECT_TRUE(holds<Groups<2>>(50000));
}

}  // namespace
}  // namespace edgert::model
