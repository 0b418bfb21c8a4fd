// Zones, lines, masks and tiles, as operations.
#include <gtest/gtest.h>

#include <cmath>

#include "edgert/transform/test_context.h"
#include "edgert/transform/track/layout.h"
#include "edgert/transform/track/polygon.h"

namespace edgert {
namespace {

FrameFormat picture() {
  FrameFormat format;
  format.image.width = 200;
  format.image.height = 100;
  return format;
}

// An operation on tracks, fed frame by frame.
class Watch {
 public:
  Watch(std::string name, Params params) {
    format_ = picture();
    spec_ = detections_spec(8, kTrackColumns);
    const InputFormat inputs[] = {format_of(spec_), format_of(format_)};
    auto made = make_transform(name, params, inputs);
    EXPECT_TRUE(made.ok()) << made.status().message();
    transform_ = std::move(made).value();
  }
  struct Person {
    float id, x, foot;
    float label = 0, state = 1;
  };
  // Rows of what is given for these persons, 10 wide and 20 high.
  std::vector<std::vector<float>> see(const std::vector<Person>& persons, double seconds) {
    std::vector<float> rows;
    for (const Person& p : persons) {
      rows.insert(rows.end(), {p.x - 5, p.foot - 20, p.x + 5, p.foot, 0.9f, p.label, p.id, p.state,
                               0, 0, 0, 0});
    }
    const Shape shape{static_cast<std::int64_t>(persons.size()), kTrackColumns};
    const Tensor tracks =
        rows.empty() ? allocate_tensor(DType::kFloat32, shape) : tensor_of(shape, rows);
    FrameRef frame = make_frame();
    frame->image = format_.image;
    frame->media_time = static_cast<Nanos>(std::llround(seconds * 1e9));
    const Status status = context_.run(*transform_, {input_of(tracks), input_of(frame)});
    EXPECT_TRUE(status.ok()) << status.message();
    std::vector<std::vector<float>> out;
    const Tensor& output = context_.output(0);
    for (std::int64_t i = 0; i < output.shape()[0]; ++i) {
      const float* row = output.data<const float>() + i * output.shape()[1];
      out.emplace_back(row, row + output.shape()[1]);
    }
    return out;
  }
  void reset() { transform_->reset(); }

 private:
  FrameFormat format_;
  TensorSpec spec_;
  std::unique_ptr<Transform> transform_;
  TestContext context_;
};

const Params kLeftHalf = {{"points", std::vector<double>{0, 0, 0.5, 0, 0.5, 1, 0, 1}},
                          {"sizes", std::vector<std::int64_t>{4}}};
using Row = std::vector<float>;

TEST(Polygon, ShareOfABoxIsExact) {
  std::vector<Spot> room(clip_room(6));
  const std::vector<Spot> triangle = {{0, 0}, {10, 0}, {0, 10}};
  EXPECT_NEAR(share_inside(triangle, {0, 0, 10, 10}, room), 0.5, 1e-12);
  EXPECT_NEAR(share_inside(triangle, {0, 0, 5, 5}, room), 1, 1e-12);
  EXPECT_NEAR(share_inside(triangle, {20, 0, 30, 5}, room), 0, 1e-12);
  // An L: not convex.
  const std::vector<Spot> corner = {{0, 0}, {10, 0}, {10, 5}, {5, 5}, {5, 10}, {0, 10}};
  EXPECT_NEAR(share_inside(corner, {0, 0, 10, 10}, room), 0.75, 1e-12);
  EXPECT_NEAR(share_inside(corner, {4, 4, 6, 6}, room), 0.75, 1e-12);
  EXPECT_TRUE(contains(corner, {2, 9}));
  EXPECT_FALSE(contains(corner, {9, 9}));
}

TEST(Zones, CountWhoCameAndWent) {
  Watch zones("track.zones", kLeftHalf);
  EXPECT_EQ(zones.see({}, 0), (std::vector<Row>{{0, -1, -1, 0, 0, 0, 0}}));
  auto rows = zones.see({{1, 50, 50}, {2, 150, 50}}, 1);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 1, 1, 0, 0}));
  EXPECT_EQ(rows[1], (Row{0, 1, 0, 1, 1, 0, 0}));  // entered now
  rows = zones.see({{1, 90, 50}, {2, 50, 50}}, 3);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 2, 2, 0, 2}));
  EXPECT_EQ(rows[1], (Row{0, 1, 0, 1, 0, 0, 2}));  // two seconds there
  // Out of it for less than leave_after: still there, and its time doesn't grow.
  rows = zones.see({{1, 110, 50}, {2, 50, 50}}, 3.5);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 2, 2, 0, 2}));
  rows = zones.see({{2, 50, 50}}, 4.5);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 1, 2, 1, 1.5f}));
  EXPECT_EQ(rows[1], (Row{0, 1, 0, 0, 0, 1, 2}));  // left, after two seconds
  EXPECT_EQ(zones.see({}, 60),
            (std::vector<Row>{{0, -1, -1, 0, 2, 2, 0}, {0, 2, 0, 0, 0, 1, 1.5f}}));
}

TEST(Zones, ABorderlineWobbleEntersOnce) {
  Watch zones("track.zones", kLeftHalf);
  std::vector<Row> rows;
  for (int i = 0; i < 100; ++i) rows = zones.see({{1, i % 2 ? 99.0f : 101.0f, 50}}, i / 10.0);
  EXPECT_EQ(rows[0][4], 1);
  EXPECT_EQ(rows[0][5], 0);
}

TEST(Zones, WhoPassesQuicklyNeedNotCount) {
  Params params = kLeftHalf;
  params.set("enter_after_ms", 1000.0);
  Watch zones("track.zones", params);
  zones.see({{1, 50, 50}, {2, 50, 50}}, 0);
  zones.see({{1, 50, 50}}, 0.5);
  const auto rows = zones.see({{1, 50, 50}}, 1.5);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 1, 1, 0, 1.5f}));
}

TEST(Zones, ClassesWindowsAndGaps) {
  Params params = kLeftHalf;
  params.set("classes", std::vector<std::int64_t>{7});
  params.set("window_ms", 10000.0);
  Watch zones("track.zones", params);
  zones.see({{1, 50, 50, 7}, {2, 60, 50, 3}}, 0);
  auto rows = zones.see({{1, 50, 50, 7}, {2, 60, 50, 3}}, 5);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 2, 2, 0, 5}));
  EXPECT_EQ(rows[1], (Row{0, -1, 7, 1, 1, 0, 5}));
  rows = zones.see({{1, 50, 50, 7}, {2, 60, 50, 3}}, 5.9);
  rows = zones.see({{1, 50, 50, 7}, {2, 60, 50, 3}}, 6.8);
  for (double at = 7; at < 11; at += 0.5) rows = zones.see({{1, 50, 50, 7}, {2, 60, 50, 3}}, at);
  EXPECT_EQ(rows[0][3], 2);
  EXPECT_EQ(rows[0][4], 0) << "they entered more than the window ago";
  zones.reset();
  rows = zones.see({}, 20);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 0, 0, 2, 0})) << "a gap ends all stays";
}

TEST(Zones, TentativeAndLostTracksSayNothing) {
  Watch zones("track.zones", kLeftHalf);
  const auto rows = zones.see({{0, 50, 50, 0, 0}, {3, 50, 50, 0, 2}}, 0);
  EXPECT_EQ(rows, (std::vector<Row>{{0, -1, -1, 0, 0, 0, 0}}));
}

// Across the picture's middle; forward is downwards.
const Params kAcross = {{"points", std::vector<double>{0.25, 0.5, 0.75, 0.5}},
                        {"sizes", std::vector<std::int64_t>{2}}};

TEST(Lines, CountEachWay) {
  Watch lines("track.lines", kAcross);
  lines.see({{1, 100, 40}, {2, 120, 70}}, 0);
  auto rows = lines.see({{1, 100, 60}, {2, 120, 30}}, 1);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 1, 1, 0, 0}));
  EXPECT_EQ(rows[1], (Row{0, 1, 0, 1, 0, 100, 50}));
  EXPECT_EQ(rows[2], (Row{0, 2, 0, 0, 1, 120, 50}));
  rows = lines.see({{1, 100, 70}}, 2);
  EXPECT_EQ(rows, (std::vector<Row>{{0, -1, -1, 1, 1, 0, 0}}));
  rows = lines.see({{1, 100, 20}}, 3);
  EXPECT_EQ(rows[0], (Row{0, -1, -1, 1, 2, 0, 0}));
}

TEST(Lines, AWobbleOnTheLineCountsOnce) {
  Watch lines("track.lines", kAcross);
  std::vector<Row> rows;
  double time = 0;
  // The box is 20 high, so the margin is one pixel.
  for (const float foot : {40.0f, 49.5f, 50.5f, 49.5f, 50.9f, 49.2f, 50.5f, 55.0f, 50.5f, 60.0f}) {
    rows = lines.see({{1, 100, foot}}, time += 0.1);
  }
  EXPECT_EQ(rows[0][3], 1);
  EXPECT_EQ(rows[0][4], 0);
}

TEST(Lines, AroundTheEndIsNotAcross) {
  Watch lines("track.lines", kAcross);
  lines.see({{1, 100, 40}}, 0);
  lines.see({{1, 20, 40}}, 1);
  lines.see({{1, 20, 60}}, 2);  // left of the line's first end
  const auto rows = lines.see({{1, 100, 60}}, 3);
  EXPECT_EQ(rows, (std::vector<Row>{{0, -1, -1, 0, 0, 0, 0}}));
}

TEST(Mask, DropsWhatIsInside) {
  const TensorSpec spec = detections_spec(4, kFirstPoint);
  const FrameFormat format = picture();
  const InputFormat formats[] = {format_of(spec), format_of(format)};
  FrameRef frame = make_frame();
  frame->image = format.image;
  const Tensor rows =
      tensor_of({3, 6}, {10, 10, 20, 20, 1, 0, 150, 10, 160, 20, 1, 1, 95, 10, 115, 20, 1, 2});
  const auto kept = [&](Params params) {
    auto made = make_transform("detections.mask", params, formats);
    EXPECT_TRUE(made.ok()) << made.status().message();
    TestContext context;
    EXPECT_TRUE(context.run(*made.value(), {input_of(rows), input_of(frame)}).ok());
    std::vector<float> classes;
    for (std::int64_t i = 0; i < context.output(0).shape()[0]; ++i) {
      classes.push_back(context.output(0).data<float>()[6 * i + 5]);
    }
    return classes;
  };
  EXPECT_EQ(kept(kLeftHalf), (std::vector<float>{1, 2}));
  Params inside = kLeftHalf;
  inside.set("keep", std::string("inside"));
  EXPECT_EQ(kept(inside), (std::vector<float>{0}));
  inside.set("by", std::string("overlap"));
  inside.set("share", 0.2);
  EXPECT_EQ(kept(inside), (std::vector<float>{0, 2}));
}

TEST(Places, RefuseWhatIsNoPlace) {
  const FrameFormat format = picture();
  const TensorSpec tracks = detections_spec(4, kTrackColumns), boxes = detections_spec(4, 6);
  const auto refused = [&](const char* op, const Params& params, const TensorSpec& spec) {
    const InputFormat formats[] = {format_of(spec), format_of(format)};
    return make_transform(op, params, formats).status().message();
  };
  EXPECT_NE(refused("track.zones", kLeftHalf, boxes).find("put a track step"), std::string::npos);
  EXPECT_NE(refused("track.lines", kLeftHalf, tracks).find("4 points"), std::string::npos);
  Params flat = {{"points", std::vector<double>{0.5, 0.5, 0.5, 0.5}},
                 {"sizes", std::vector<std::int64_t>{2}}};
  EXPECT_NE(refused("track.lines", flat, tracks).find("begins where it ends"), std::string::npos);
  Params odd = kLeftHalf;
  odd.set("points", std::vector<double>{0, 0, 1});
  EXPECT_NE(refused("track.zones", odd, tracks).find("3 numbers for 4 points"), std::string::npos);
}

// Detections of tiles with their marks, as the join reads them: x0 y0 x1 y1 score class cut.
std::vector<Row> joined(const std::vector<Row>& found) {
  std::vector<float> values;
  for (const Row& row : found) {
    values.insert(values.end(), row.begin(), row.end());
    values.insert(values.end(), {0, 0});
  }
  const TensorSpec spec = detections_spec(16, 9);
  const InputFormat formats[] = {format_of(spec)};
  auto made = make_transform("detections.join_tiles", {}, formats);
  EXPECT_TRUE(made.ok()) << made.status().message();
  TestContext context;
  const Tensor rows = tensor_of({static_cast<std::int64_t>(found.size()), 9}, values);
  EXPECT_TRUE(context.run(*made.value(), {input_of(rows)}).ok());
  std::vector<Row> out;
  for (std::int64_t i = 0; i < context.output(0).shape()[0]; ++i) {
    const float* row = context.output(0).data<float>() + 6 * i;
    out.emplace_back(row, row + 6);
  }
  return out;
}

TEST(Tiles, APieceGivesWayToTheWhole) {
  // The piece is surer, and overlaps by less than half.
  EXPECT_EQ(joined({{90, 10, 100, 60, 0.9f, 0, 4}, {80, 10, 120, 60, 0.6f, 0, 0}}),
            (std::vector<Row>{{80, 10, 120, 60, 0.6f, 0}}));
}

TEST(Tiles, PiecesOfOneObjectAreUnited) {
  EXPECT_EQ(joined({{20, 10, 110, 60, 0.9f, 0, 4}, {90, 12, 180, 61, 0.6f, 0, 1}}),
            (std::vector<Row>{{20, 10, 180, 61, 0.9f, 0}}));
}

TEST(Tiles, NeighboursStayApart) {
  // Not cut, little overlap; cut, but one above the other; cut, of two classes.
  EXPECT_EQ(joined({{0, 0, 10, 40, 0.9f, 0, 0}, {6, 0, 16, 40, 0.8f, 0, 0}}).size(), 2u);
  EXPECT_EQ(joined({{20, 10, 110, 60, 0.9f, 0, 4}, {90, 70, 180, 120, 0.6f, 0, 1}}).size(), 2u);
  EXPECT_EQ(joined({{20, 10, 110, 60, 0.9f, 0, 4}, {90, 12, 180, 61, 0.6f, 1, 1}}).size(), 2u);
}

TEST(Tiles, MarkWhatAnInnerEdgeCuts) {
  const FrameFormat format = picture();
  const TensorSpec spec = detections_spec(4, 6), region{"region", DType::kFloat32, Shape{5}, 0};
  const InputFormat formats[] = {format_of(spec), format_of(format), format_of(region)};
  auto made = make_transform("detections.of_tile", {}, formats);
  ASSERT_TRUE(made.ok()) << made.status().message();
  FrameRef frame = make_frame();
  frame->image = format.image;
  const Tensor rows =
      tensor_of({3, 6}, {0, 0, 30, 50, 1, 0, 90, 20, 100, 50, 1, 0, 40, 10, 60, 99, 1, 0});
  const Tensor tile = tensor_of({5}, {50, 50, 100, 100, 0});  // the left half
  TestContext context;
  ASSERT_TRUE(context.run(*made.value(), {input_of(rows), input_of(frame), input_of(tile)}).ok());
  const float* out = context.output(0).data<float>();
  EXPECT_EQ(out[6], 0);      // at the frame's own corner
  EXPECT_EQ(out[9 + 6], 4);  // at the seam
  EXPECT_EQ(out[18 + 6], 0);
}

}  // namespace
}  // namespace edgert
