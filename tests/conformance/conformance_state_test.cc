// State: carried by the caller from output to input, and kept inside a session.
#include "suite.h"

namespace edgert::conformance {
namespace {

class StateTest : public Suite {};

TEST_P(StateTest, TheCallerCarriesState) {
  EDGERT_NEEDS("carried_state");
  auto session = open("carried_state");
  ASSERT_TRUE(session);
  EXPECT_FALSE(load("carried_state")->keeps_state());
  Tensor states[] = {floats({1, 4}, {0, 0, 0, 0}), floats({1, 4}, {0, 0, 0, 0})};
  const Tensor x = floats({1, 4}, {1, 2, 3, 4});
  for (std::size_t run = 1; run <= 9; ++run) {
    const Tensor inputs[] = {x, states[run % 2]};
    Tensor outputs[] = {Tensor(), states[(run + 1) % 2]};
    ASSERT_OK(session->run(inputs, outputs));
    const auto n = static_cast<float>(run);
    EXPECT_EQ(values_of<float>(outputs[0]), (std::vector<float>{n, 2 * n, 3 * n, 4 * n}));
    EXPECT_TRUE(same_bytes(outputs[0], outputs[1]));
  }
}

TEST_P(StateTest, EachSessionKeepsItsOwnAndForgetsIt) {
  EDGERT_NEEDS("inner_state");
  auto model = load("inner_state");
  ASSERT_TRUE(model);
  EXPECT_TRUE(model->keeps_state());
  auto one = std::move(model->session()).value(), other = std::move(model->session()).value();
  const Tensor x = floats({1, 4}, {1, 1, 1, 1});
  const auto count = [&](Session& session) {
    Tensor y;
    const Status status = session.run({&x, 1}, {&y, 1});
    EXPECT_TRUE(status.ok()) << status.message();
    return status.ok() ? y.data<float>()[0] : -1;
  };
  for (int run = 1; run <= 5; ++run) EXPECT_EQ(count(*one), static_cast<float>(run));
  EXPECT_EQ(count(*other), 1);
  ASSERT_OK(one->reset());
  EXPECT_EQ(count(*one), 1);
  EXPECT_EQ(count(*one), 2);
  EXPECT_EQ(count(*other), 2);
}

EDGERT_CONFORMANCE(StateTest);

}  // namespace
}  // namespace edgert::conformance
