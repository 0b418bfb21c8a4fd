// Many sessions at once, and models that go while others run.
#include <atomic>
#include <thread>

#include "suite.h"

namespace edgert::conformance {
namespace {

class ThreadsTest : public Suite {
 protected:
  static constexpr std::int64_t kWidth = 256;

  // Runs and checks that every element is what an unshared run gives: equal within a tensor.
  static void run_some(Session& session, float value, int runs, std::atomic<int>& wrong) {
    const Tensor x(allocate_buffer(8 * kWidth * 4 + 64), DType::kFloat32, {8, kWidth});
    Tensor reference;
    for (int i = 0; i < runs; ++i) {
      std::fill_n(x.data<float>(), x.elements(), value);
      Tensor y;
      if (!session.run({&x, 1}, {&y, 1}).ok() || (reference && !same_bytes(reference, y)))
        ++wrong;
      else if (!reference)
        reference = y;
    }
  }
};

TEST_P(ThreadsTest, SessionsOfOneModelRunAtOnce) {
  auto model = load("slow");
  ASSERT_TRUE(model);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    auto session = model->session();
    ASSERT_TRUE(session.ok()) << session.status().message();
    threads.emplace_back([&wrong, i, own = std::move(session).value()] {
      run_some(*own, static_cast<float>(i + 1), 30, wrong);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadsTest, ASessionMayMoveBetweenThreads) {
  auto session = open("slow");
  ASSERT_TRUE(session);
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i) std::thread([&] { run_some(*session, 3, 3, wrong); }).join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadsTest, UnloadingLeavesOtherSessionsRunning) {
  auto session = open("slow");  // the model's last owner is the session
  ASSERT_TRUE(session);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0}, failed_loads{0};
  std::thread loader([&] {
    while (!stop) {
      auto model = backend().load(file_of("slow"), {});
      if (!model.ok() || !(*model)->session().ok()) ++failed_loads;
    }
  });
  run_some(*session, 2, 100, wrong);
  stop = true;
  loader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(failed_loads, 0);
}

TEST_P(ThreadsTest, ModelsLoadAndRunInManyThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 4; ++round) {
        auto model = backend().load(file_of("slow"), {});
        if (!model.ok()) {
          ++wrong;
          return;
        }
        auto session = std::move((*model)->session()).value();
        model->reset();
        run_some(*session, static_cast<float>(i), 3, wrong);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

EDGERT_CONFORMANCE(ThreadsTest);

}  // namespace
}  // namespace edgert::conformance
