#include "edgert/transform/track/tracker.h"

#include <algorithm>

namespace edgert {
namespace {

constexpr float kSame = 0.85f;  // a lost track under a live one that overlaps more is its double

Box grown(const Box& box, float share) {
  const float x = share * (box.x1 - box.x0), y = share * (box.y1 - box.y0);
  return {box.x0 - x, box.y0 - y, box.x1 + x, box.y1 + y};
}

// A class keeps its lead until others were seen with more weight (Boyer and Moore's majority vote).
void vote(Track& track, const Sighting& box) {
  if (track.label == box.label) {
    track.label_weight += box.score;
  } else if (track.label_weight >= box.score) {
    track.label_weight -= box.score;
  } else {
    track.label = box.label;
    track.label_weight = box.score - track.label_weight;
  }
}

}  // namespace

// Which tracks meet which boxes, and how.
struct Tracker::Stage {
  bool tentative;  // else the confirmed ones
  bool lost;       // and those that were lost before this frame
  float above, upto;
  float least;
  bool by_score;
};

Tracker::Tracker(const TrackOptions& options)
    : options_(options), assignment_(options.most_tracks, options.most_boxes) {
  tracks_.reserve(static_cast<std::size_t>(options.most_tracks));
  free_tracks_.reserve(static_cast<std::size_t>(options.most_tracks));
  free_boxes_.reserve(static_cast<std::size_t>(options.most_boxes));
  taken_.reserve(static_cast<std::size_t>(options.most_boxes));
}

void Tracker::reset() {
  tracks_.clear();
  started_ = false;
}

void Tracker::update(std::span<const Sighting> boxes, Nanos time) {
  boxes = boxes.first(std::min(boxes.size(), static_cast<std::size_t>(options_.most_boxes)));
  if (started_ && time < last_) reset();
  predict(time);
  taken_.assign(boxes.size(), 0);
  match({false, true, options_.high, 2, options_.match_iou, true}, boxes, time);
  match({false, false, options_.low, options_.high, options_.match_iou_low, false}, boxes, time);
  match({true, false, options_.high, 2, options_.match_iou_new, true}, boxes, time);
  begin_tracks(boxes, time);
  forget(time);
  last_ = time;
  started_ = true;
}

void Tracker::predict(Nanos time) {
  const double ticks =
      started_ ? static_cast<double>(time - last_) * kTicksPerSecond / static_cast<double>(kSecond)
               : 0;
  for (Track& track : tracks_) {
    if (track.state == TrackState::kLost) track.filter.stop_growing();
    track.filter.predict(ticks);
    track.sighting = -1;
  }
}

double Tracker::likeness(const Track& track, const Sighting& box, bool by_score) const {
  if (options_.class_aware && track.label != box.label) return 0;
  const float iou =
      overlap(grown(track.filter.box(), options_.grow), grown(box.box, options_.grow));
  return by_score ? iou * box.score : iou;
}

void Tracker::match(const Stage& stage, std::span<const Sighting> boxes, Nanos time) {
  free_tracks_.clear();
  free_boxes_.clear();
  for (int i = 0; i < static_cast<int>(tracks_.size()); ++i) {
    const Track& track = tracks_[static_cast<std::size_t>(i)];
    if (track.sighting >= 0 || (track.state == TrackState::kTentative) != stage.tentative) continue;
    if (track.state != TrackState::kLost || stage.lost) free_tracks_.push_back(i);
  }
  for (int i = 0; i < static_cast<int>(boxes.size()); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const float score = boxes[at].score;
    if (!taken_[at] && score > stage.above && score <= stage.upto) free_boxes_.push_back(i);
  }
  assignment_.begin(static_cast<int>(free_tracks_.size()), static_cast<int>(free_boxes_.size()));
  for (std::size_t row = 0; row < free_tracks_.size(); ++row) {
    const Track& track = tracks_[static_cast<std::size_t>(free_tracks_[row])];
    for (std::size_t column = 0; column < free_boxes_.size(); ++column) {
      const Sighting& box = boxes[static_cast<std::size_t>(free_boxes_[column])];
      assignment_.profit(static_cast<int>(row), static_cast<int>(column)) =
          likeness(track, box, stage.by_score) - double{stage.least};
    }
  }
  const std::span<const int> chosen = assignment_.solve();
  for (std::size_t row = 0; row < chosen.size(); ++row) {
    if (chosen[row] < 0) continue;
    const int index = free_boxes_[static_cast<std::size_t>(chosen[row])];
    take(tracks_[static_cast<std::size_t>(free_tracks_[row])],
         boxes[static_cast<std::size_t>(index)], index, time);
  }
}

void Tracker::take(Track& track, const Sighting& box, int index, Nanos time) {
  track.filter.correct(box.box);
  track.score = box.score;
  track.seen = time;
  track.sighting = index;
  ++track.sightings;
  vote(track, box);
  taken_[static_cast<std::size_t>(index)] = 1;
  if (track.sightings >= options_.confirm) {
    track.state = TrackState::kConfirmed;
    if (track.id == 0) track.id = next_id_++;
  }
}

void Tracker::begin_tracks(std::span<const Sighting> boxes, Nanos time) {
  for (int i = 0; i < static_cast<int>(boxes.size()); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Sighting& box = boxes[at];
    if (taken_[at] || box.score <= options_.high || box.score < options_.begin) continue;
    if (tracks_.size() >= static_cast<std::size_t>(options_.most_tracks)) return;
    Track track;
    track.filter.start(box.box);
    track.label = box.label;
    track.score = track.label_weight = box.score;
    track.sightings = 1;
    track.sighting = i;
    track.born = track.seen = time;
    // In the first frame there is nothing that could have been seen before.
    if (!started_ || options_.confirm <= 1) {
      track.state = TrackState::kConfirmed;
      track.id = next_id_++;
    }
    tracks_.push_back(track);
  }
}

bool Tracker::doubled(const Track& track) const {
  if (track.state != TrackState::kLost) return false;
  return std::ranges::any_of(tracks_, [&](const Track& other) {
    return other.state == TrackState::kConfirmed && other.born <= track.born &&
           other.label == track.label && overlap(other.filter.box(), track.filter.box()) > kSame;
  });
}

void Tracker::forget(Nanos time) {
  for (Track& track : tracks_) {
    if (track.sighting < 0 && track.state == TrackState::kConfirmed)
      track.state = TrackState::kLost;
  }
  std::erase_if(tracks_, [&](const Track& track) {
    if (track.sighting >= 0) return false;
    return track.state == TrackState::kTentative || time - track.seen > options_.keep;
  });
  // remove_if moves while it asks, so doubles are marked first.
  for (Track& track : tracks_) {
    if (doubled(track)) track.sightings = 0;
  }
  std::erase_if(tracks_, [](const Track& track) { return track.sightings == 0; });
}

}  // namespace edgert
