// track.lines: who crossed which line, which way. A wobble on the line counts nothing.
#include <array>
#include <cmath>

#include "edgert/transform/track/operations.h"
#include "edgert/transform/track/places.h"

namespace edgert {
namespace {

constexpr std::size_t kMostLines = 32, kMostVisitors = 1024;

// A visitor at one line. Sides: 1 where forward leads, -1 where it comes from, 0 not known yet.
struct Side {
  int known = 0;         // the side on which it was last beyond the margin
  bool through = false;  // its last step over the line went between the line's ends
  Spot at;               // where
};

struct Path {
  bool begun = false;
  Spot last;
  std::array<Side, kMostLines> sides;
};

struct Crossing {
  std::size_t line;
  std::int64_t id;
  std::int32_t label;
  bool forward;
  Spot at;
};

class Lines final : public Transform {
 public:
  static constexpr std::string_view kName = "track.lines";
  static Result<Lines> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool stateful() const override { return true; }
  void reset() override { visitors_.clear(); }
  bool cheap() const override { return true; }

 private:
  Lines(PlaceOptions options, Outlines outlines)
      : options_(std::move(options)),
        outlines_(std::move(outlines)),
        placed_(outlines_.corners()),
        visitors_(kMostVisitors),
        tally_(2 * outlines_.size() * options_.classes.groups(), options_.window) {
    crossings_.reserve(kMostPlaceRows);
  }
  std::size_t cell(std::size_t line, std::size_t group, bool forward) const {
    return (line * options_.classes.groups() + group) * 2 + (forward ? 0 : 1);
  }
  void see(const float* row, Nanos time);
  bool crosses(std::size_t line, Path& path, Spot now, double margin);
  void count(const Crossing& crossing);
  void write(float* out) const;

  PlaceOptions options_;
  Outlines outlines_;
  std::vector<Spot> placed_;
  Visitors<Path> visitors_;
  Tally tally_;
  std::vector<Crossing> crossings_;  // of this frame
  float margin_ = 0;
  Nanos last_ = 0;
  TensorSpec spec_;
};

Result<Lines> Lines::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only(
      {"points", "sizes", "relative", "by", "classes", "window_ms", "margin", "stream"}));
  EDGERT_ASSIGN_OR_RETURN(PlaceOptions options, PlaceOptions::make(params, inputs));
  if (options.by == By::kOverlap) return bad_choice("by", "overlap", "foot, centre");
  EDGERT_ASSIGN_OR_RETURN(Outlines outlines, Outlines::make(params, 2, 2));
  if (outlines.size() > kMostLines) {
    return Status::invalid("parameter 'sizes'",
                           "names more than " + std::to_string(kMostLines) + " lines",
                           "make another step of the rest");
  }
  Lines op(std::move(options), std::move(outlines));
  EDGERT_ASSIGN_OR_RETURN(op.margin_, real_option(params, "margin", 0.05, 0, 10));
  op.outlines_.place(1, 1, op.placed_);
  for (std::size_t line = 0; line < op.outlines_.size(); ++line) {
    const auto ends = op.outlines_.one(op.placed_, line);
    if (ends[0].x == ends[1].x && ends[0].y == ends[1].y) {
      return Status::invalid("parameter 'points'",
                             "line " + std::to_string(line) + " begins where it ends");
    }
  }
  const std::size_t counts = op.outlines_.size() * op.options_.classes.groups();
  const std::size_t most = std::min(
      kMostPlaceRows, op.outlines_.size() * static_cast<std::size_t>(op.options_.tracks.max_rows));
  op.spec_ = {"lines", DType::kFloat32, Shape{-1, kPlaceColumns},
              (counts + most) * kPlaceColumns * sizeof(float)};
  return op;
}

bool Lines::crosses(std::size_t line, Path& path, Spot now, double margin) {
  const auto ends = outlines_.one(placed_, line);
  const double x = ends[1].x - ends[0].x, y = ends[1].y - ends[0].y;
  const double length = std::hypot(x, y);
  // Above 0 to the right of who looks from the first point to the second (y grows downwards).
  const auto beyond = [&](Spot at) {
    return (x * (at.y - ends[0].y) - y * (at.x - ends[0].x)) / length;
  };
  Side& side = path.sides[line];
  const double before = path.begun ? beyond(path.last) : 0, after = beyond(now);
  if (path.begun && (before < 0) != (after < 0)) {
    const double t = before / (before - after);
    side.at = {path.last.x + t * (now.x - path.last.x), path.last.y + t * (now.y - path.last.y)};
    const double along =
        (x * (side.at.x - ends[0].x) + y * (side.at.y - ends[0].y)) / (length * length);
    side.through = along >= 0 && along <= 1;
  }
  const int is = after > margin ? 1 : after < -margin ? -1 : side.known;
  const int was = std::exchange(side.known, is);
  return was != 0 && is != was && side.through;
}

void Lines::see(const float* row, Nanos time) {
  const Box box{row[0], row[1], row[2], row[3]};
  if (row[kIdColumn] < 1 || row[kStateColumn] != 1 || !box.valid()) return;
  auto& visitor = visitors_[visitors_.find(static_cast<std::int64_t>(row[kIdColumn]), [](auto) {})];
  visitor.seen = time;
  visitor.label = static_cast<std::int32_t>(row[kClassColumn]);
  const Spot now = point_of(box, options_.by);
  const double margin = double{margin_} * (box.y1 - box.y0);
  for (std::size_t line = 0; line < outlines_.size(); ++line) {
    if (!crosses(line, visitor.note, now, margin)) continue;
    const Side& side = visitor.note.sides[line];
    count({line, visitor.id, visitor.label, side.known > 0, side.at});
  }
  visitor.note.last = now;
  visitor.note.begun = true;
}

void Lines::count(const Crossing& crossing) {
  for (std::size_t group = 0; group < options_.classes.groups(); ++group) {
    if (options_.classes.holds(group, crossing.label)) {
      tally_.add(cell(crossing.line, group, crossing.forward));
    }
  }
  const std::size_t counts = outlines_.size() * options_.classes.groups();
  const std::size_t most = spec_.max_bytes / (kPlaceColumns * sizeof(float)) - counts;
  if (crossings_.size() < most) crossings_.push_back(crossing);
}

void Lines::write(float* out) const {
  const auto add = [&](const std::array<float, kPlaceColumns>& row) {
    out = std::copy(row.begin(), row.end(), out);
  };
  for (std::size_t line = 0; line < outlines_.size(); ++line) {
    for (std::size_t group = 0; group < options_.classes.groups(); ++group) {
      add({static_cast<float>(line), -1, static_cast<float>(options_.classes.of(group)),
           static_cast<float>(tally_.value(cell(line, group, true))),
           static_cast<float>(tally_.value(cell(line, group, false))), 0, 0});
    }
  }
  for (const Crossing& c : crossings_) {
    add({static_cast<float>(c.line), static_cast<float>(c.id), static_cast<float>(c.label),
         c.forward ? 1.0f : 0.0f, c.forward ? 0.0f : 1.0f, static_cast<float>(c.at.x),
         static_cast<float>(c.at.y)});
  }
}

Status Lines::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, options_.tracks.rows(inputs[0]));
  const Frame& frame = *inputs[1].frame;
  if (frame.media_time < last_) reset();
  last_ = frame.media_time;
  tally_.advance(last_);
  outlines_.place(frame.image.width, frame.image.height, placed_);
  crossings_.clear();
  const float* row = inputs[0].tensor->data<const float>();
  for (int i = 0; i < rows; ++i, row += kTrackColumns) see(row, last_);
  const std::size_t counts = outlines_.size() * options_.classes.groups();
  EDGERT_RETURN_IF_ERROR(context.allocate(
      0, Shape{static_cast<std::int64_t>(counts + crossings_.size()), kPlaceColumns}));
  write(context.output(0).data<float>());
  return {};
}

}  // namespace

TransformEntry lines_entry() {
  return entry_of<Lines>();
}

}  // namespace edgert
