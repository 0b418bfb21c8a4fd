// The tracker's parts against references: assignment, filter, and who is who in made-up scenes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include "edgert/transform/track/tracker.h"

namespace edgert {
namespace {

double total(const std::vector<std::vector<double>>& profits, std::span<const int> chosen) {
  double sum = 0;
  for (std::size_t row = 0; row < chosen.size(); ++row) {
    if (chosen[row] >= 0) sum += profits[row][static_cast<std::size_t>(chosen[row])];
  }
  return sum;
}

// The best sum over all ways to pair rows with columns, or to leave them alone.
double best_of_all(const std::vector<std::vector<double>>& profits, std::size_t columns) {
  std::function<double(std::size_t, unsigned)> from = [&](std::size_t row,
                                                          unsigned used) -> double {
    if (row == profits.size()) return 0;
    double best = from(row + 1, used);
    for (std::size_t column = 0; column < columns; ++column) {
      if (used & (1u << column)) continue;
      best = std::max(best, profits[row][column] + from(row + 1, used | (1u << column)));
    }
    return best;
  };
  return from(0, 0);
}

TEST(Assignment, IsTheBestOfAll) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> profit(-1, 1);
  Assignment solver(6, 6);
  for (int round = 0; round < 400; ++round) {
    const int rows = static_cast<int>(random() % 7), columns = static_cast<int>(random() % 7);
    std::vector<std::vector<double>> profits(
        static_cast<std::size_t>(rows), std::vector<double>(static_cast<std::size_t>(columns)));
    solver.begin(rows, columns);
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) {
        solver.profit(r, c) = profits[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)] =
            profit(random);
      }
    }
    const std::span<const int> chosen = solver.solve();
    ASSERT_EQ(chosen.size(), static_cast<std::size_t>(rows));
    std::vector<int> used(chosen.begin(), chosen.end());
    std::erase(used, -1);
    std::ranges::sort(used);
    ASSERT_EQ(std::ranges::adjacent_find(used), used.end()) << "a column was given twice";
    ASSERT_NEAR(total(profits, chosen), best_of_all(profits, static_cast<std::size_t>(columns)),
                1e-9);
  }
}

TEST(Kalman, SeveralTicksAreSeveralSteps) {
  AxisFilter at_once, by_steps;
  at_once.start(10, 2, 0.5);
  at_once.velocity = 3;
  by_steps = at_once;
  at_once.predict(7, 1.5, 0.25);
  for (int i = 0; i < 7; ++i) by_steps.predict(1, 1.5, 0.25);
  EXPECT_NEAR(at_once.value, by_steps.value, 1e-9);
  EXPECT_NEAR(at_once.vv, by_steps.vv, 1e-9);
  EXPECT_NEAR(at_once.vd, by_steps.vd, 1e-9);
  EXPECT_NEAR(at_once.dd, by_steps.dd, 1e-9);
}

TEST(Kalman, LearnsAVelocityWhateverTheRate) {
  for (const double rate : {5.0, 30.0, 60.0}) {
    BoxFilter filter;
    filter.start({0, 0, 40, 100});
    for (int i = 1; i <= 3 * static_cast<int>(rate); ++i) {
      const auto x = static_cast<float>(60 * i / rate);  // 60 pixels a second
      filter.predict(kTicksPerSecond / rate);
      filter.correct({x, 0, x + 40, 100});
    }
    EXPECT_NEAR(filter.velocity_x(), 60, 3) << rate;
    EXPECT_NEAR(filter.velocity_y(), 0, 1) << rate;
  }
}

Sighting person(float x, float y, float score = 0.9f, std::int32_t label = 0) {
  return {{x, y, x + 40, y + 100}, score, label};
}

struct Scene {
  explicit Scene(TrackOptions options = {}) : tracker(options) {}
  std::span<const Track> see(std::vector<Sighting> boxes, double seconds) {
    tracker.update(boxes, static_cast<Nanos>(seconds * 1e9));
    return tracker.tracks();
  }
  Tracker tracker;
};

TEST(Tracker, KeepsWhoIsWhoWhenTwoCross) {
  Scene scene;
  for (int i = 0; i <= 40; ++i) {
    const auto step = static_cast<float>(5 * i);
    const auto tracks = scene.see({person(step, 0), person(200 - step, 60)}, i / 30.0);
    ASSERT_EQ(tracks.size(), 2u) << i;
    for (const Track& track : tracks) {
      EXPECT_EQ(track.sighting, track.id == 1 ? 0 : 1) << i;
    }
  }
}

TEST(Tracker, FindsAgainWhoWasHidden) {
  Scene scene;
  for (int i = 0; i < 50; ++i) {
    const bool hidden = i >= 20 && i < 40;
    const auto tracks = scene.see(
        hidden ? std::vector<Sighting>{} : std::vector{person(static_cast<float>(3 * i), 0)},
        i / 30.0);
    ASSERT_EQ(tracks.size(), 1u);
    EXPECT_EQ(tracks[0].id, 1);
    EXPECT_EQ(tracks[0].state, hidden ? TrackState::kLost : TrackState::kConfirmed);
    // Where it should be, while it is hidden.
    EXPECT_NEAR(tracks[0].filter.box().x0, 3 * i, 15) << i;
  }
}

TEST(Tracker, ForgetsByTimeNotByFrames) {
  for (const int rate : {2, 30}) {
    Scene scene;
    scene.see({person(0, 0)}, 0);
    scene.see({person(0, 0)}, 1.0 / rate);
    double time = 1.0 / rate;
    while (!scene.see({}, time += 1.0 / rate).empty()) {
    }
    EXPECT_NEAR(time - 1.0 / rate, 1.0, 1.0 / rate + 1e-6) << rate;
  }
}

TEST(Tracker, AnUnsureBoxKeepsATrackButBeginsNone) {
  Scene scene;
  scene.see({person(0, 0), person(300, 0, 0.3f)}, 0);
  ASSERT_EQ(scene.tracker.tracks().size(), 1u);
  for (int i = 1; i < 10; ++i) scene.see({person(0, 0, 0.3f), person(300, 0, 0.3f)}, i / 30.0);
  ASSERT_EQ(scene.tracker.tracks().size(), 1u);
  EXPECT_EQ(scene.tracker.tracks()[0].state, TrackState::kConfirmed);
  EXPECT_EQ(scene.tracker.tracks()[0].sightings, 10);
}

TEST(Tracker, OneSightingConfirmsNothing) {
  Scene scene;
  scene.see({}, 0);
  EXPECT_EQ(scene.see({person(0, 0)}, 1 / 30.0)[0].state, TrackState::kTentative);
  EXPECT_TRUE(scene.see({}, 2 / 30.0).empty());
  scene.see({person(0, 0)}, 3 / 30.0);
  EXPECT_EQ(scene.see({person(0, 0)}, 4 / 30.0)[0].id, 1);
}

TEST(Tracker, ClassesAreKeptApartWhereAsked) {
  TrackOptions across;
  across.class_aware = false;
  Scene apart, together(across);
  for (int i = 0; i < 6; ++i) {
    const auto label = static_cast<std::int32_t>(i == 3);
    apart.see({person(0, 0, 0.9f, label)}, i / 30.0);
    together.see({person(0, 0, 0.9f, label)}, i / 30.0);
  }
  ASSERT_EQ(together.tracker.tracks().size(), 1u);
  EXPECT_EQ(together.tracker.tracks()[0].sightings, 6);
  EXPECT_EQ(together.tracker.tracks()[0].label, 0);
  EXPECT_EQ(apart.tracker.tracks()[0].sightings, 5);
}

TEST(Tracker, TimeThatGoesBackBeginsAnew) {
  Scene scene;
  scene.see({person(0, 0)}, 5);
  scene.see({person(0, 0)}, 5.1);
  const auto tracks = scene.see({person(0, 0)}, 1);
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_EQ(tracks[0].id, 2);
}

TEST(Tracker, HoldsNoMoreThanItHasRoomFor) {
  TrackOptions options;
  options.most_tracks = 5;
  options.most_boxes = 8;
  Scene scene(options);
  std::vector<Sighting> boxes;
  for (int i = 0; i < 20; ++i) boxes.push_back(person(static_cast<float>(100 * i), 0));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(scene.see(boxes, i / 30.0).size(), 5u);
}

}  // namespace
}  // namespace edgert
