#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "edgert/base/hash.h"
#include "edgert/base/histogram.h"
#include "edgert/base/params.h"
#include "edgert/base/status.h"

namespace edgert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Result, AValueThatIsNotThereIsRefusedWithTheReason) {
  Result<int> result = Status(Code::kNotFound, "m.onnx", "there is no such file", "check the path");
  const auto text = [](auto&& take) {
    try {
      take();
    } catch (const BadResult& error) {
      EXPECT_EQ(error.status().code(), Code::kNotFound);
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  const std::string expected = "m.onnx: there is no such file; check the path";
  EXPECT_EQ(text([&] { (void)result.value(); }), expected);
  EXPECT_EQ(text([&] { (void)*result; }), expected);
  EXPECT_EQ(text([&] { (void)std::move(result).value(); }), expected);
  EXPECT_EQ(Result<int>(7).value(), 7);
}

TEST(Result, AnUncaughtOneEndsTheProgramWithTheReason) {
  const Result<std::string> result = Status::invalid("box.plan", "is damaged", "write it again");
  const auto take = [&]() noexcept { (void)result->size(); };
  EXPECT_DEATH(take(), "box.plan: is damaged; write it again");
}

TEST(Status, SaysWhereWhatAndWhatToDo) {
  EXPECT_TRUE(Status().ok());
  EXPECT_EQ(Status().message(), "ok");
  const Status status = Status::invalid("here", "is wrong", "make it right");
  EXPECT_EQ(status.message(), "here: is wrong; make it right");
  EXPECT_EQ(status.within("there").message(), "there: here: is wrong; make it right");
  EXPECT_EQ(status.within("there").code(), Code::kInvalid);
  EXPECT_TRUE(Status().within("there").ok());
  EXPECT_EQ(Status::skipped().code(), Code::kSkipped);
}

Result<int> half(int number) {
  if (number % 2) return Status::invalid("half", "odd");
  return number / 2;
}
Result<int> quarter(int number) {
  EDGERT_ASSIGN_OR_RETURN(const int first, half(number));
  return half(first);
}

TEST(Result, CarriesTheValueOrTheReason) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_TRUE(quarter(12).status().ok());
  EXPECT_EQ(quarter(6).status().what(), "odd");
  Result<std::unique_ptr<int>> owner(std::make_unique<int>(5));
  EXPECT_EQ(*std::move(owner).value(), 5);
}

TEST(Params, ConvertsWhereNothingIsLost) {
  const Params params{{"whole", std::int64_t{3}},
                      {"real", 0.5},
                      {"text", std::string("a")},
                      {"list", std::vector<std::int64_t>{1, 2}}};
  EXPECT_EQ(*params.integer("whole", 0), 3);
  EXPECT_EQ(*params.real("whole", 0), 3.0);
  EXPECT_EQ(*params.integer("absent", 7), 7);
  EXPECT_THAT(*params.integers("whole"), ElementsAre(3));
  EXPECT_THAT(*params.reals("list"), ElementsAre(1.0, 2.0));
  EXPECT_THAT(*params.texts("text"), ElementsAre("a"));
  EXPECT_THAT(params.integer("real", 0).status().message(),
              HasSubstr("'real': expected a whole number"));
  EXPECT_THAT(params.boolean("whole", false).status().message(), HasSubstr("true or false"));
  EXPECT_TRUE(params.only({"whole", "real", "text", "list"}).ok());
  EXPECT_THAT(params.only({"whole", "real", "text"}).message(),
              HasSubstr("'list': unknown; known are: whole, real, text"));
}

Hash128 digest(const Params& params) {
  Hasher hasher;
  params.hash_into(hasher);
  return hasher.digest();
}

TEST(Params, IdentityDependsOnNamesTypesAndValuesOnly) {
  EXPECT_EQ(digest({{"a", 1.0}, {"b", true}}), digest({{"b", true}, {"a", 1.0}}));
  const std::set<Hash128> all{digest({}),
                              digest({{"a", 1.0}}),
                              digest({{"a", std::int64_t{1}}}),
                              digest({{"b", 1.0}}),
                              digest({{"a", 2.0}}),
                              digest({{"a", std::string("1")}}),
                              digest({{"a", std::vector<double>{1}}}),
                              digest({{"a", true}})};
  EXPECT_EQ(all.size(), 8u);
}

TEST(Hasher, KeepsPiecesApart) {
  const auto texts = [](std::initializer_list<const char*> parts) {
    Hasher hasher;
    for (const char* part : parts) hasher.text(part);
    return hasher.digest();
  };
  EXPECT_NE(texts({"ab", "c"}), texts({"a", "bc"}));
  EXPECT_NE(texts({"", "a"}), texts({"a", ""}));
  EXPECT_EQ(texts({"abcdefghi"}).hex().size(), 32u);
  std::set<Hash128> all;
  std::string bytes(40, 'x');
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      all.insert(Hasher().bytes(bytes.data(), bytes.size()).digest());
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    }
  for (std::size_t length = 0; length <= bytes.size(); ++length)
    all.insert(Hasher().bytes(bytes.data(), length).digest());
  EXPECT_EQ(all.size(), 40u * 8 + 41);
}

TEST(Histogram, QuantilesAreRightWithinSixPercent) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0);
  for (int i = 1; i <= 100000; ++i) histogram.record(i * 1000);
  EXPECT_EQ(histogram.count(), 100000);
  EXPECT_NEAR(histogram.mean(), 50000.5e3, 1);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99})
    EXPECT_NEAR(histogram.quantile(q) / (q * 1e8), 1, 0.0625);
}

TEST(Histogram, TakesAnyNumber) {
  Histogram histogram;
  for (const std::int64_t value :
       {std::int64_t{-5}, std::int64_t{0}, std::int64_t{7}, std::int64_t{8}, INT64_MAX})
    histogram.record(value);
  EXPECT_EQ(histogram.count(), 5);
  EXPECT_EQ(histogram.quantile(0), 0);
  EXPECT_GT(histogram.quantile(1), 1e14);
}

}  // namespace
}  // namespace edgert
