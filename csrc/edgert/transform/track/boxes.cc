// track.boxes: who is who among the detections of successive frames.
#include <vector>

#include "edgert/transform/track/layout.h"
#include "edgert/transform/track/operations.h"
#include "edgert/transform/track/tracker.h"

namespace edgert {
namespace {

enum class Shown { kConfirmed, kLost, kAll };

class TrackBoxes final : public Transform {
 public:
  static constexpr std::string_view kName = "track.boxes";
  static Result<TrackBoxes> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool stateful() const override { return true; }
  void reset() override { tracker_.reset(); }
  bool cheap() const override { return true; }

 private:
  TrackBoxes(DetectionsInput detections, const TrackOptions& options)
      : detections_(detections), tracker_(options) {
    sightings_.reserve(static_cast<std::size_t>(options.most_boxes));
    rows_.reserve(static_cast<std::size_t>(options.most_boxes));
  }
  void read(const float* rows, int count);
  bool shows(const Track& track) const;
  void write(const Track& track, Nanos time, float* row) const;

  DetectionsInput detections_;
  Tracker tracker_;
  Shown shown_ = Shown::kConfirmed;
  std::vector<Sighting> sightings_;
  std::vector<int> rows_;  // of the detections, by sighting
  TensorSpec spec_;
};

Result<TrackOptions> read_options(const Params& params, int most_rows) {
  TrackOptions o;
  EDGERT_ASSIGN_OR_RETURN(o.high, real_option(params, "high", o.high, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(o.low, real_option(params, "low", std::min(o.low, o.high), 0, o.high));
  EDGERT_ASSIGN_OR_RETURN(o.begin,
                          real_option(params, "new", std::max(o.begin, o.high), o.high, 1));
  EDGERT_ASSIGN_OR_RETURN(o.match_iou, real_option(params, "match_iou", o.match_iou, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(o.match_iou_low,
                          real_option(params, "match_iou_low", o.match_iou_low, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(o.match_iou_new,
                          real_option(params, "match_iou_new", o.match_iou_new, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(o.grow, real_option(params, "grow", 0, 0, 2));
  EDGERT_ASSIGN_OR_RETURN(o.confirm, whole_option(params, "confirm", o.confirm, 1, 1000));
  EDGERT_ASSIGN_OR_RETURN(const float keep, real_option(params, "keep_ms", 1000, 0, 3.6e6));
  o.keep = static_cast<Nanos>(static_cast<double>(keep) * kMillisecond);
  EDGERT_ASSIGN_OR_RETURN(o.class_aware, params.boolean("class_aware", true));
  EDGERT_ASSIGN_OR_RETURN(o.most_tracks, whole_option(params, "max_tracks", 256, 1, 1024));
  o.most_boxes = std::min(most_rows, 1024);
  return o;
}

Result<TrackBoxes> TrackBoxes::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"high", "low", "new", "match_iou", "match_iou_low", "match_iou_new", "grow",
                   "confirm", "keep_ms", "class_aware", "max_tracks", "show", "stream"}));
  EDGERT_ASSIGN_OR_RETURN(const DetectionsInput detections, DetectionsInput::make(inputs, 0));
  if (inputs.size() != 2 || !inputs[1].frame) {  // of any kind: only its time counts
    return Status::invalid("inputs", "the second one is not a frame",
                           "give detections and the frame");
  }
  EDGERT_ASSIGN_OR_RETURN(const TrackOptions options, read_options(params, detections.max_rows));
  TrackBoxes op(detections, options);
  EDGERT_ASSIGN_OR_RETURN(op.shown_, choice_option<Shown>(params, "show", "confirmed",
                                                          {{"confirmed", Shown::kConfirmed},
                                                           {"lost", Shown::kLost},
                                                           {"all", Shown::kAll}}));
  op.spec_ = detections_spec(options.most_tracks, kTrackColumns);
  op.spec_.name = "tracks";
  return op;
}

void TrackBoxes::read(const float* row, int count) {
  sightings_.clear();
  rows_.clear();
  for (int i = 0; i < count && sightings_.size() < sightings_.capacity();
       ++i, row += detections_.columns) {
    const Sighting seen{{row[0], row[1], row[2], row[3]}, row[kScoreColumn], 0};
    if (!seen.box.valid() || !(seen.score >= 0 && seen.score <= 1) ||
        !within_reach(row[kClassColumn])) {
      continue;
    }
    sightings_.push_back(seen);
    sightings_.back().label = static_cast<std::int32_t>(row[kClassColumn]);
    rows_.push_back(i);
  }
}

bool TrackBoxes::shows(const Track& track) const {
  if (shown_ == Shown::kAll || track.state == TrackState::kConfirmed) return true;
  return shown_ == Shown::kLost && track.state == TrackState::kLost;
}

void TrackBoxes::write(const Track& track, Nanos time, float* row) const {
  const Box box = track.filter.box();
  row[0] = box.x0, row[1] = box.y0, row[2] = box.x1, row[3] = box.y1;
  row[kScoreColumn] = track.score;
  row[kClassColumn] = static_cast<float>(track.label);
  row[kIdColumn] = static_cast<float>(track.id);
  row[kStateColumn] = static_cast<float>(track.state);
  row[kAgeColumn] = static_cast<float>(static_cast<double>(time - track.born) / kSecond);
  row[kVelocityColumn] = static_cast<float>(track.filter.velocity_x());
  row[kVelocityColumn + 1] = static_cast<float>(track.filter.velocity_y());
  row[kSightingColumn] = track.sighting < 0
                             ? -1.0f
                             : static_cast<float>(rows_[static_cast<std::size_t>(track.sighting)]);
}

Status TrackBoxes::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, detections_.rows(inputs[0]));
  const Nanos time = inputs[1].frame->media_time;
  read(inputs[0].tensor->data<const float>(), rows);
  tracker_.update(sightings_, time);
  const std::span<const Track> tracks = tracker_.tracks();
  const auto shown = std::ranges::count_if(tracks, [&](const Track& t) { return shows(t); });
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{shown, kTrackColumns}));
  float* row = context.output(0).data<float>();
  for (const Track& track : tracks) {
    if (!shows(track)) continue;
    write(track, time, row);
    row += kTrackColumns;
  }
  return {};
}

}  // namespace

TransformEntry boxes_track_entry() {
  return entry_of<TrackBoxes>();
}

}  // namespace edgert
