// track.zones: who is in which zone, since when, and how many came and went.
#include <array>

#include "edgert/transform/track/operations.h"
#include "edgert/transform/track/places.h"

namespace edgert {
namespace {

constexpr std::size_t kMostZones = 32;

// One visitor in one zone.
struct Stay {
  bool near = false;     // inside, or outside for less than leave_after
  bool counted = false;  // inside for enter_after
  bool fresh = false;    // became counted in this frame
  Nanos since = 0, last = 0;
};

class Zones final : public Transform {
 public:
  static constexpr std::string_view kName = "track.zones";
  static Result<Zones> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool stateful() const override { return true; }
  void reset() override;
  bool cheap() const override { return true; }

 private:
  enum Kind : std::size_t { kEntered, kLeft };
  struct Rows {
    float* next;
    float* end;
    void add(const std::array<float, kPlaceColumns>& row) {
      if (next < end) next = std::copy(row.begin(), row.end(), next);
    }
  };

  Zones(PlaceOptions options, Outlines outlines)
      : options_(std::move(options)),
        outlines_(std::move(outlines)),
        placed_(outlines_.corners()),
        room_(clip_room(outlines_.most_corners())),
        visitors_(static_cast<std::size_t>(2 * options_.tracks.max_rows)),
        tally_(2 * outlines_.size() * options_.classes.groups(), options_.window) {}

  std::size_t cell(std::size_t zone, std::size_t group, Kind kind) const {
    return (zone * options_.classes.groups() + group) * 2 + kind;
  }
  void count(std::size_t zone, std::int64_t label, Kind kind);
  bool inside(std::size_t zone, const Box& box);
  void see(const float* row, Nanos time);
  void leave_all(std::size_t visitor);
  void write_stays(Nanos time, Rows& rows);
  void write_counts(Rows& rows) const;

  PlaceOptions options_;
  Outlines outlines_;
  std::vector<Spot> placed_, room_;
  Visitors<std::array<Stay, kMostZones>> visitors_;
  Tally tally_;
  struct Now {
    std::int64_t present = 0;
    Nanos longest = 0;
  };
  std::vector<Now> now_;  // by zone and group
  float share_ = 0.5f;
  Nanos enter_after_ = 0, leave_after_ = 0, last_ = 0;
  TensorSpec spec_;
};

Result<Zones> Zones::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"points", "sizes", "relative", "by", "share", "classes",
                                      "window_ms", "enter_after_ms", "leave_after_ms", "stream"}));
  EDGERT_ASSIGN_OR_RETURN(PlaceOptions options, PlaceOptions::make(params, inputs));
  EDGERT_ASSIGN_OR_RETURN(Outlines outlines, Outlines::make(params, 3, 1000));
  if (outlines.size() > kMostZones) {
    return Status::invalid("parameter 'sizes'",
                           "names more than " + std::to_string(kMostZones) + " zones",
                           "make another step of the rest");
  }
  Zones op(std::move(options), std::move(outlines));
  EDGERT_ASSIGN_OR_RETURN(op.share_, real_option(params, "share", 0.5, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(op.enter_after_, PlaceOptions::time_option(params, "enter_after_ms", 0));
  EDGERT_ASSIGN_OR_RETURN(op.leave_after_,
                          PlaceOptions::time_option(params, "leave_after_ms", 1000));
  const std::size_t zones = op.outlines_.size(), counts = zones * op.options_.classes.groups();
  op.now_.resize(counts);
  const std::size_t stays =
      std::min(kMostPlaceRows, zones * static_cast<std::size_t>(op.options_.tracks.max_rows));
  op.spec_ = {"zones", DType::kFloat32, Shape{-1, kPlaceColumns},
              (counts + stays) * kPlaceColumns * sizeof(float)};
  return op;
}

void Zones::count(std::size_t zone, std::int64_t label, Kind kind) {
  for (std::size_t group = 0; group < options_.classes.groups(); ++group) {
    if (options_.classes.holds(group, label)) tally_.add(cell(zone, group, kind));
  }
}

bool Zones::inside(std::size_t zone, const Box& box) {
  const std::span<const Spot> outline = outlines_.one(placed_, zone);
  if (options_.by != By::kOverlap) return contains(outline, point_of(box, options_.by));
  const double share = share_inside(outline, box, room_);
  return share > 0 && share >= share_;
}

void Zones::see(const float* row, Nanos time) {
  const Box box{row[0], row[1], row[2], row[3]};
  if (row[kIdColumn] < 1 || row[kStateColumn] != 1 || !box.valid()) return;
  const std::size_t at =
      visitors_.find(static_cast<std::int64_t>(row[kIdColumn]), [&](auto i) { leave_all(i); });
  auto& visitor = visitors_[at];
  visitor.seen = time;
  visitor.label = static_cast<std::int32_t>(row[kClassColumn]);
  for (std::size_t zone = 0; zone < outlines_.size(); ++zone) {
    if (!inside(zone, box)) continue;
    Stay& stay = visitor.note[zone];
    if (!stay.near) stay.since = time;
    stay.near = true;
    stay.last = time;
    if (stay.counted || time - stay.since < enter_after_) continue;
    stay.counted = stay.fresh = true;
    count(zone, visitor.label, kEntered);
  }
}

// Who is forgotten has left.
void Zones::leave_all(std::size_t at) {
  auto& visitor = visitors_[at];
  for (std::size_t zone = 0; zone < outlines_.size(); ++zone) {
    if (visitor.note[zone].counted) count(zone, visitor.label, kLeft);
  }
}

void Zones::reset() {
  for (std::size_t at = 0; at < visitors_.size(); ++at) leave_all(at);
  visitors_.clear();
}

void Zones::write_stays(Nanos time, Rows& rows) {
  std::ranges::fill(now_, Now{});
  for (std::size_t at = 0; at < visitors_.size();) {
    auto& visitor = visitors_[at];
    bool near = false;
    for (std::size_t zone = 0; zone < outlines_.size(); ++zone) {
      Stay& stay = visitor.note[zone];
      const bool left = stay.near && time - stay.last > leave_after_;
      if (left) stay.near = false;
      near |= stay.near;
      if (!stay.counted) continue;
      if (left) count(zone, visitor.label, kLeft);
      const Nanos dwell = stay.last - stay.since;
      rows.add({static_cast<float>(zone), static_cast<float>(visitor.id),
                static_cast<float>(visitor.label), left ? 0.0f : 1.0f, stay.fresh ? 1.0f : 0.0f,
                left ? 1.0f : 0.0f, static_cast<float>(static_cast<double>(dwell) / kSecond)});
      stay.fresh = false;
      stay.counted = !left;
      for (std::size_t group = 0; !left && group < options_.classes.groups(); ++group) {
        if (!options_.classes.holds(group, visitor.label)) continue;
        Now& now = now_[zone * options_.classes.groups() + group];
        ++now.present;
        now.longest = std::max(now.longest, dwell);
      }
    }
    if (near || visitor.seen == time) {
      ++at;
    } else {
      visitors_.drop(at);
    }
  }
}

void Zones::write_counts(Rows& rows) const {
  const std::size_t groups = options_.classes.groups();
  for (std::size_t zone = 0; zone < outlines_.size(); ++zone) {
    for (std::size_t group = 0; group < groups; ++group) {
      const Now& now = now_[zone * groups + group];
      rows.add({static_cast<float>(zone), -1, static_cast<float>(options_.classes.of(group)),
                static_cast<float>(now.present),
                static_cast<float>(tally_.value(cell(zone, group, kEntered))),
                static_cast<float>(tally_.value(cell(zone, group, kLeft))),
                static_cast<float>(static_cast<double>(now.longest) / kSecond)});
    }
  }
}

Status Zones::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, options_.tracks.rows(inputs[0]));
  const Frame& frame = *inputs[1].frame;
  const Nanos time = frame.media_time;
  if (time < last_) reset();
  last_ = time;
  tally_.advance(time);
  outlines_.place(frame.image.width, frame.image.height, placed_);
  const auto most = static_cast<std::int64_t>(spec_.max_bytes / (kPlaceColumns * sizeof(float)));
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{most, kPlaceColumns}));
  const float* row = inputs[0].tensor->data<const float>();
  for (int i = 0; i < rows; ++i, row += kTrackColumns) see(row, time);
  float* begin = context.output(0).data<float>();
  // The counts come first, but are known last: the stays are written behind their place.
  Rows counts{begin, begin + now_.size() * kPlaceColumns};
  Rows stays{counts.end, begin + most * kPlaceColumns};
  write_stays(time, stays);
  write_counts(counts);
  context.output(0).set_shape({(stays.next - begin) / kPlaceColumns, kPlaceColumns});
  return {};
}

}  // namespace

TransformEntry zones_entry() {
  return entry_of<Zones>();
}

}  // namespace edgert
