// What zones and lines share: the outlines, the tracks that they look at, and who was seen there.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "edgert/transform/answer/options.h"
#include "edgert/transform/track/layout.h"
#include "edgert/transform/track/polygon.h"
#include "edgert/transform/track/tally.h"

namespace edgert {

// The columns of what zones and lines give: place, id (-1: a row of counts), class (-1: all).
inline constexpr int kPlaceColumns = 7;
inline constexpr std::size_t kMostPlaceRows = 4096;

struct PlaceOptions {
  DetectionsInput tracks;
  By by = By::kFoot;
  CountedClasses classes;
  Nanos window = 0;

  static Result<PlaceOptions> make(const Params& params, std::span<const InputFormat> inputs) {
    PlaceOptions o;
    EDGERT_ASSIGN_OR_RETURN(o.tracks, tracks_input(inputs, 0));
    EDGERT_RETURN_IF_ERROR(check_size(params, inputs));
    EDGERT_ASSIGN_OR_RETURN(o.by, by_option(params));
    EDGERT_ASSIGN_OR_RETURN(std::vector<std::int64_t> classes, params.integers("classes"));
    o.classes = CountedClasses(std::move(classes));
    EDGERT_ASSIGN_OR_RETURN(o.window, time_option(params, "window_ms", 0));
    return o;
  }
  // Relative places need a picture's size; of other frames only the time counts.
  static Status check_size(const Params& params, std::span<const InputFormat> inputs) {
    EDGERT_ASSIGN_OR_RETURN(const bool relative, params.boolean("relative", true));
    if (relative) return check_frame(inputs, 1);
    if (inputs.size() == 2 && inputs[1].frame) return {};
    return Status::invalid("inputs", "the second one is not a frame", "give tracks and the frame");
  }
  static Result<By> by_option(const Params& params) {
    return choice_option<By>(
        params, "by", "foot",
        {{"foot", By::kFoot}, {"centre", By::kCentre}, {"overlap", By::kOverlap}});
  }
  static Result<Nanos> time_option(const Params& params, std::string_view name, double fallback) {
    EDGERT_ASSIGN_OR_RETURN(const float ms, real_option(params, name, fallback, 0, 1e9));
    return static_cast<Nanos>(static_cast<double>(ms) * kMillisecond);
  }
};

// Those that were seen, by id; when there is no room, who wasn't seen for longest gives way.
// `Note` is what is kept of each. No allocation once made.
template <class Note>
class Visitors {
 public:
  struct Visitor {
    std::int64_t id = -1;
    std::int32_t label = 0;
    Nanos seen = 0;
    Note note{};
  };

  explicit Visitors(std::size_t most) : most_(most) { all_.reserve(most); }

  // The visitor of that id, made when it isn't there. `leave` is told of who must give way.
  template <class Leave>
  std::size_t find(std::int64_t id, const Leave& leave) {
    const auto found = std::ranges::find(all_, id, &Visitor::id);
    if (found != all_.end()) return static_cast<std::size_t>(found - all_.begin());
    if (all_.size() < most_) {
      all_.emplace_back();
      all_.back().id = id;
      return all_.size() - 1;
    }
    const auto oldest = std::ranges::min_element(all_, {}, &Visitor::seen);
    const auto at = static_cast<std::size_t>(oldest - all_.begin());
    leave(at);
    *oldest = {};
    oldest->id = id;
    return at;
  }
  Visitor& operator[](std::size_t at) { return all_[at]; }
  std::size_t size() const { return all_.size(); }
  void clear() { all_.clear(); }
  // Forgets one; the last one takes its place.
  void drop(std::size_t at) {
    all_[at] = all_.back();
    all_.pop_back();
  }

 private:
  std::size_t most_;
  std::vector<Visitor> all_;
};

}  // namespace edgert
