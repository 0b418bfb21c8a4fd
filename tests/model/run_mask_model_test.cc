// RunMask under all the reorderings that the memory model allows.
#include "edgert/memory/run_mask.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

// Four threads take places in a row, write in all of them, and give them back, in other lengths
// each. Nobody finds another's writing in what is its own, and all are free in the end.
struct Taking : rl::test_suite<Taking, 4> {
  static constexpr int kPlaces = 4;  // of the 64; the others stay taken
  std::optional<BasicRunMask<Atomic>> mask;
  std::optional<std::array<Plain<int>, kPlaces>> places;

  void before() {
    mask.emplace();
    RL_ASSERT(mask->take(64 - kPlaces) == 0);
    places.emplace();
  }
  void thread(unsigned index) {
    const int count = 1 + static_cast<int>(index % 3);
    for (int round = 0; round < 2; ++round) {
      const int first = mask->take(count);
      if (first < 0) continue;
      const int mine = static_cast<int>(10 * index) + round + 1;
      for (int i = first; i < first + count; ++i)
        (*places)[static_cast<std::size_t>(i - (64 - kPlaces))] = mine;
      for (int i = first; i < first + count; ++i)
        RL_ASSERT((*places)[static_cast<std::size_t>(i - (64 - kPlaces))] == mine);
      mask->give(first, count);
    }
  }
  void after() {
    RL_ASSERT(mask->take(kPlaces) == 64 - kPlaces);
    mask.reset();
    places.reset();
  }
};

TEST(Model, PlacesInARowAreOneThreadsAtATime) {
  EXPECT_TRUE(holds<Taking>());
}

}  // namespace
}  // namespace edgert::model
