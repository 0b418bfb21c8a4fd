// answer.probability: the mean over time, and the cutoff.
#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Probability, IsTheMeanOfTheLastOnes) {
  const TensorSpec spec = spec_of({1, 1});
  const Params params = {{"average", std::int64_t{3}}, {"cutoff", 0.5}};
  const auto answer = make("answer.probability", params, {format_of(spec)});
  EXPECT_TRUE(answer->stateful());
  TestContext context;
  const auto say = [&](float value) {
    const Tensor input = tensor_of({1, 1}, {value});
    EXPECT_TRUE(context.run(*answer, {input_of(input)}).ok());
    return values_of<float>(context.output(0));
  };
  EXPECT_THAT(say(1), ElementsAre(0, 0));  // there are not as many yet
  EXPECT_THAT(say(1), ElementsAre(0, 0));
  EXPECT_THAT(say(0.25), ElementsAre(0.75, 1));
  EXPECT_THAT(say(0.25), ElementsAre(0.5, 0));  // not above
  answer->reset();
  EXPECT_THAT(say(1), ElementsAre(0, 0));
}

TEST(Probability, AloneHasNoState) {
  const TensorSpec spec = spec_of({1, 2});
  const auto answer = make("answer.probability", {{"index", std::int64_t{1}}}, {format_of(spec)});
  EXPECT_FALSE(answer->stateful());
  EXPECT_EQ(answer->outputs()[0].shape, Shape({1}));
  EXPECT_THAT(refusal("answer.probability", {{"average", std::int64_t{0}}}, {format_of(spec)}),
              HasSubstr("average"));
}

}  // namespace
}  // namespace edgert::testing
