// Follows boxes from frame to frame: ByteTrack (Zhang and others, ECCV 2022), aware of time.
//
// Each update predicts all tracks to the frame's time, assigns the sure boxes to them by overlap
// times score, then the unsure ones to those that are left by overlap, then what is left of the
// sure ones to the tentative tracks; a sure box that no track took begins one. Not thread-safe.
// Memory is taken when it is made; updates allocate nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/transform/track/assignment.h"
#include "edgert/transform/track/kalman.h"

namespace edgert {

struct TrackOptions {
  float high = 0.5f;           // sure boxes have more
  float low = 0.1f;            // boxes with no more are not looked at
  float begin = 0.6f;          // a track begins with at least this score
  float match_iou = 0.2f;      // overlap × score, above which a sure box is of a track
  float match_iou_low = 0.5f;  // overlap, for an unsure box
  float match_iou_new = 0.3f;  // overlap × score, for a tentative track
  float grow = 0;              // boxes are grown by this share of their size before they overlap
  int confirm = 2;             // sightings until a track is confirmed
  Nanos keep = kSecond;        // a lost track is forgotten after this time
  bool class_aware = true;     // a track has boxes of one class only
  int most_tracks = 256, most_boxes = 1024;
};

struct Sighting {
  Box box;  // valid
  float score = 0;
  std::int32_t label = 0;
};

enum class TrackState : std::uint8_t { kTentative, kConfirmed, kLost };

struct Track {
  BoxFilter filter;
  std::int64_t id = 0;  // from 1, in the order of confirmation, never used again; 0: tentative
  TrackState state = TrackState::kTentative;
  std::int32_t label = 0;
  float label_weight = 0;  // by how much its class leads
  float score = 0;         // of the last sighting
  int sightings = 0;
  int sighting = -1;  // index of this update's one, -1: none
  Nanos born = 0, seen = 0;
};

class Tracker {
 public:
  explicit Tracker(const TrackOptions& options);

  // The next frame. A time that went back forgets all tracks first. Boxes beyond most_boxes are
  // not looked at.
  void update(std::span<const Sighting> boxes, Nanos time);
  // In the order in which they began. Valid until the next call.
  std::span<const Track> tracks() const { return tracks_; }
  // Forgets the tracks. Ids go on.
  void reset();

 private:
  struct Stage;
  void predict(Nanos time);
  void match(const Stage& stage, std::span<const Sighting> boxes, Nanos time);
  double likeness(const Track& track, const Sighting& box, bool by_score) const;
  void take(Track& track, const Sighting& box, int index, Nanos time);
  void begin_tracks(std::span<const Sighting> boxes, Nanos time);
  void forget(Nanos time);
  bool doubled(const Track& track) const;

  TrackOptions options_;
  Assignment assignment_;
  std::vector<Track> tracks_;
  std::vector<int> free_boxes_, free_tracks_;
  std::vector<char> taken_;
  std::int64_t next_id_ = 1;
  Nanos last_ = 0;
  bool started_ = false;
};

}  // namespace edgert
