// Published values: no reader sees one that was freed, and none is freed twice or never.
#include "edgert/queue/published.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

constexpr int kValues = 4;

// What happens to the values is noted beside them, so that Relacy sees a use after the end.
struct Values : rl::test_suite<Values, 3> {
  struct Value {
    explicit Value(Values& of_owner, int of_index) : owner(of_owner), index(of_index) {}
    ~Value() { (*owner.state)[static_cast<std::size_t>(index)] = 2; }
    Values& owner;
    int index;
  };
  std::optional<BasicPublished<Value, Atomic, 1>> published;
  std::optional<std::array<Plain<int>, kValues>> state;  // 0: not made, 1: made, 2: ended

  void before() {
    state.emplace();
    published.emplace();
  }
  void publish(int index) {
    (*state)[static_cast<std::size_t>(index)] = 1;
    published->publish(std::make_unique<Value>(*this, index));
  }
  void thread(unsigned index) {
    if (index == 0) {
      for (int value = 0; value < kValues; ++value) publish(value);
      return;
    }
    // The second reader has no place of its own.
    for (int i = 0; i < 2; ++i)
      published->read(index - 1, [this](const Value* value) {
        if (value) RL_ASSERT((*state)[static_cast<std::size_t>(value->index)] == 1);
        return 0;
      });
  }
  void after() {
    published.reset();
    for (const Plain<int>& of_value : *state) RL_ASSERT(of_value == 2);
    state.reset();
  }
};

TEST(Model, PublishedValuesEndAfterTheirReaders) {
  EXPECT_TRUE(holds<Values>(100000));
}

}  // namespace
}  // namespace edgert::model
