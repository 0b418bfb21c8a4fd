// Works that come and go on a board while others read it: a place is one work's at a time, and what
// its owner wrote is what others find.
#include "edgert/sched/due_board.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

constexpr Nanos kDue = 100, kNeed = 10;  // of a work: and its number

// Two threads whose works wait, run and go; a third one only reads.
struct Board : rl::test_suite<Board, 3> {
  using DueBoard = BasicDueBoard<Atomic, 1>;
  std::optional<DueBoard> board;
  std::optional<std::array<Plain<int>, 3>> owned;  // by place: Relacy finds two owners at once

  void before() {
    board.emplace();
    owned.emplace();
    for (auto& one : *owned) one = 0;
  }
  void thread(unsigned index) {
    if (index == 2) {
      look(-1);
      look(-1);
      return;
    }
    come_and_go(index);
    come_and_go(index + 2);
  }
  void after() {
    std::array<DueWork, DueBoard::kPlaces> works;
    RL_ASSERT(board->read(DueBoard::kNone, works) == 0);
    int total = 0;
    for (auto& one : *owned) total += one;
    RL_ASSERT(total == 4);
    board.reset();
    owned.reset();
  }

  void come_and_go(Nanos number) {
    const int place = board->add({kDue + number, kNeed + number, 0});
    RL_ASSERT(place >= 0 && place < 3);  // two others at most have one, or had it a moment ago
    Plain<int>& mine = (*owned)[static_cast<std::size_t>(place)];
    mine = mine + 1;
    RL_ASSERT(look(number) == 1);
    board->set(place, {kDue + number, kNeed + number, 1});
    RL_ASSERT(look(number) == 1);
    board->remove(place);
  }
  // How often the work of this number is there. A need is never what it was before any work came.
  int look(Nanos number) {
    std::array<DueWork, DueBoard::kPlaces> works;
    const std::size_t count = board->read(DueBoard::kNone, works);
    int found = 0;
    for (const DueWork& work : std::span(works).first(count)) {
      if (work.due == kNever) continue;
      RL_ASSERT(work.need >= kNeed);
      if (work.due != kDue + number) continue;
      RL_ASSERT(work.need == kNeed + number);
      ++found;
    }
    return found;
  }
};

TEST(Model, APlaceOnTheBoardIsOneWorksAtATime) {
  EXPECT_TRUE(holds<Board>(20000));
}

}  // namespace
}  // namespace edgert::model
