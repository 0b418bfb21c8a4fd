#include "edgert/sched/triage.h"

#include <algorithm>
#include <array>
#include <span>

#include "edgert/sched/most_in_time.h"

namespace edgert {
namespace {

// All that competes with one work.
struct Field {
  std::array<Contender, DueBoard::kPlaces + 1> contenders;  // left as they are: most aren't used
  std::size_t count = 0;
  std::array<Nanos, kMostJudgedLanes> free_at;
  const std::size_t lanes;
  std::size_t busy = 0;
  bool others = false;  // another one waits that could be in time

  Field(std::span<const DueWork> works, int lanes_there, Nanos time)
      : lanes(std::clamp<std::size_t>(static_cast<std::size_t>(lanes_there), 1, free_at.size())) {
    free_at.fill(time);
    for (const DueWork& work : works) add(work, time);
  }
  void add(const DueWork& work, Nanos time) {
    if (work.busy_until > 0) occupy(std::max(work.busy_until, time));
    if (work.due == kNever || work.need <= 0 || time + work.need > work.due) return;
    contenders[count++] = {work.due, work.need, false};
    others |= work.busy_until == 0;
  }
  // A device's lanes may have further runs behind the first one.
  void occupy(Nanos until) {
    Nanos& lane = free_at[busy++ % lanes];
    lane = std::max(lane, until);
  }
};

}  // namespace

bool Triage::leaves_out(int place, Nanos due, Nanos need, int lanes, Nanos time) const {
  std::array<DueWork, DueBoard::kPlaces> works;
  const std::size_t read = board_.read(place, works);
  Field field({works.data(), read}, lanes, time);
  if (!field.others) return false;
  field.contenders[field.count++] = {due, need, true};
  return left_out({field.contenders.data(), field.count}, {field.free_at.data(), field.lanes});
}

int Triage::runs(int place, Nanos due, Nanos rest, Nanos until) {
  const DueWork running{due, rest, std::max<Nanos>(until, 1)};
  if (place == kNone) return board_.add(running);
  board_.set(place, running);
  return place;
}

}  // namespace edgert
