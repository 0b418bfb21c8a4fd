#include "edgert/plan/join_history.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

// Times that lie further back than this begin anew; less is a device's clock that trembles.
constexpr Nanos kBack = kSecond;
// In capture time, what is older than all that anyone may still ask for goes.
constexpr Nanos kSlack = 2 * kSecond;

Nanos distance(Nanos a, Nanos b) {
  return a > b ? a - b : b - a;
}

Nanos later_by(Nanos time, Nanos span) {
  return span >= kNever - std::max<Nanos>(time, 0) ? kNever : time + span;
}

}  // namespace

Nanos time_at_end(const Frame& frame, const FrameFormat& format, JoinClock clock) {
  const Nanos begin = time_of(frame, clock);
  if (frame.kind == FrameKind::kImage) return begin;
  const std::int64_t rows = frame.samples.shape()[0];
  const bool sound = frame.kind == FrameKind::kAudio;
  const double rate = sound ? format.audio.rate : format.table.rate;
  if (rate <= 0) return begin;
  return begin + std::llround(static_cast<double>(sound ? rows : rows - 1) * 1e9 / rate);
}

JoinHistory::JoinHistory(int sensor, JoinClock clock, std::size_t most, std::size_t burst)
    : sensor_(sensor),
      clock_(clock),
      most_(most),
      burst_(burst),
      samples_(static_cast<std::uint32_t>(2 * (most + burst) + 256)),
      ring_(most + burst) {}

int JoinHistory::add_joiner(const JoinRule& rule, int sensor) {
  joiners_.push_back(std::make_unique<Joiner>());
  joiners_.back()->rule = rule;
  joiners_.back()->sensor = sensor;
  patience_ = std::max(patience_, rule.wait);
  reach_ = std::max(reach_, later_by(rule.tolerance == kNever ? 0 : rule.tolerance, rule.wait));
  return static_cast<int>(joiners_.size()) - 1;
}

JoinHistory::Settled JoinHistory::settle(const Clock& clock) {
  Settled settled;
  // The clock is read by who works, each time: a timer that fired while another thread worked is
  // served by that thread, which must see that the time has come.
  if (!claim_.serve([&] { work(clock.now(), settled); })) return {};
  return settled;
}

void JoinHistory::work(Nanos at, Settled& settled) {
  const bool was_full = full_.load(std::memory_order_relaxed);
  const bool hurry = hurry_.exchange(false, std::memory_order_acq_rel);
  // Looked at before the samples: all that the stream gave was added before it ended.
  const bool over =
      ended_.load(std::memory_order_acquire) || resting_.load(std::memory_order_acquire);
  for (JoinSample* sample = arrivals_.take_all(); sample;) {
    JoinSample* following = sample->next;
    arrived_ = at;
    take(sample);
    sample = following;
  }
  JoinQuery** end = &waiting_;
  while (*end) end = &(*end)->next;
  for (JoinQuery* query = asked_.take_all(); query;) {
    JoinQuery* following = query->next;
    Joiner& joiner = *joiners_[static_cast<std::size_t>(query->joiner)];
    if (query->time != joiner.position) full_since_ = at, let_go_ = false;
    joiner.position = query->time;
    query->asked = at;
    query->next = nullptr;
    *end = query;
    end = &query->next;
    query = following;
  }
  JoinQuery** answered = &settled.answered;
  while (*answered) answered = &(*answered)->next;
  for (JoinQuery** link = &waiting_; *link;) {
    JoinQuery* query = *link;
    if (!decide(*query, at, over, hurry)) {
      link = &query->next;
      continue;
    }
    *link = query->next;
    query->next = nullptr;
    *answered = query;
    answered = &query->next;
  }
  trim(at);
  settled.room = settled.room || (was_full && !full_.load(std::memory_order_relaxed));
  const Nanos look = next_look();
  if (look < armed_.load(std::memory_order_seq_cst)) {
    armed_.store(look, std::memory_order_seq_cst);
    settled.look_at = std::min(settled.look_at, look);
  }
}

// --- samples -------------------------------------------------------------------------------------

void JoinHistory::take(JoinSample* sample) {
  if (reached_ > INT64_MIN + kBack && sample->upto < reached_ - kBack) {
    forget();
    reached_ = forgotten_ = INT64_MIN;
  }
  reached_ = std::max(reached_, sample->upto);
  if (sample->empty) return samples_.give(sample);
  insert(sample);
}

void JoinHistory::insert(JoinSample* sample) {
  if (size_ == ring_.size()) lose_oldest();
  std::size_t place = size_++;
  for (; place > 0 && at(place - 1)->time > sample->time; --place)
    ring_[(head_ + place) % ring_.size()] = at(place - 1);
  ring_[(head_ + place) % ring_.size()] = sample;
}

void JoinHistory::drop_oldest() {
  JoinSample* oldest = ring_[head_];
  head_ = (head_ + 1) % ring_.size();
  --size_;
  oldest->value.reset();
  samples_.give(oldest);
}

void JoinHistory::lose_oldest() {
  forgotten_ = at(0)->time;
  lost_.add();
  drop_oldest();
}

void JoinHistory::forget() {
  while (size_ > 0) drop_oldest();
}

std::size_t JoinHistory::first_after(Nanos time) const {
  std::size_t low = 0, high = size_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    (at(middle)->time > time ? high : low) = at(middle)->time > time ? middle : middle + 1;
  }
  return low;
}

// --- questions -----------------------------------------------------------------------------------

Nanos JoinHistory::patience_ends(const JoinQuery& query) const {
  const JoinRule& rule = joiners_[static_cast<std::size_t>(query.joiner)]->rule;
  const Nanos from = clock_ == JoinClock::kMedia ? std::max(query.asked, arrived_) : query.asked;
  return later_by(from, rule.wait);
}

// Answers it, or leaves it open. `over`: nothing more comes for now. `hurry`: nobody waits.
bool JoinHistory::decide(JoinQuery& query, Nanos at, bool over, bool hurry) {
  if (query.answer == JoinAnswer::kPassed) return true;
  const JoinRule& rule = joiners_[static_cast<std::size_t>(query.joiner)]->rule;
  query.answer = choose(query, rule, false);
  if (query.answer == JoinAnswer::kOpen) {
    if (!over && !hurry && at < patience_ends(query)) return false;
    // Not known, and not waited for: the best that is there.
    query.answer = choose(query, rule, true);
    if (query.answer == JoinAnswer::kMissing)
      query.answer = over ? JoinAnswer::kAbsent : JoinAnswer::kLate;
  }
  const bool cut = size_ > 0 && query.time < this->at(0)->time && forgotten_ != INT64_MIN;
  if (query.answer == JoinAnswer::kMissing && cut &&
      distance(query.time, forgotten_) <= rule.tolerance)
    query.answer = JoinAnswer::kForgotten;
  return true;
}

JoinAnswer JoinHistory::choose(JoinQuery& query, const JoinRule& rule, bool final) const {
  const std::size_t above = first_after(query.time);
  if (rule.by == JoinBy::kInterpolate) return between(query, rule, final, above);
  const JoinSample* best = above > 0 ? at(above - 1) : nullptr;
  bool known = reached_ >= query.time;
  if (rule.by == JoinBy::kNearest) {
    const Nanos apart = best ? distance(best->time, query.time) : kNever;
    if (above < size_) {
      // The earlier of two that are as near.
      if (distance(this->at(above)->time, query.time) < apart) best = this->at(above);
      known = true;
    } else {
      known = reached_ >= later_by(query.time, std::min(apart, rule.tolerance));
    }
  }
  if (!known && !final) return JoinAnswer::kOpen;
  if (!best || distance(best->time, query.time) > rule.tolerance) return JoinAnswer::kMissing;
  query.before = best->value;
  return JoinAnswer::kMatched;
}

JoinAnswer JoinHistory::between(JoinQuery& query, const JoinRule& rule, bool final,
                                std::size_t above) const {
  const JoinSample* before = above > 0 ? at(above - 1) : nullptr;
  const JoinSample* after = above < size_ ? at(above) : nullptr;
  if (before && before->time == query.time) {
    query.before = before->value;
    return JoinAnswer::kMatched;
  }
  if (before && query.time - before->time > rule.tolerance) before = nullptr;
  const bool passed = reached_ >= query.time && !before;
  const bool known = after || passed || reached_ >= later_by(query.time, rule.tolerance);
  if (!known && !final) return JoinAnswer::kOpen;
  if (!before || !after || after->time - query.time > rule.tolerance) return JoinAnswer::kMissing;
  query.before = before->value;
  query.after = after->value;
  query.share = static_cast<double>(query.time - before->time) /
                static_cast<double>(after->time - before->time);
  return JoinAnswer::kMatched;
}

// --- what is kept --------------------------------------------------------------------------------

// Where the next question of a joiner comes from, at least. One that seldom asks must not hold the
// stream back while another of its sensor waits for that stream: its frames have come further.
Nanos JoinHistory::position_of(const Joiner& joiner) const {
  if (joiner.gone.load(std::memory_order_acquire)) return kNever;
  if (size_ < most_) return joiner.position;
  for (const JoinQuery* query = waiting_; query; query = query->next)
    if (joiners_[static_cast<std::size_t>(query->joiner)]->sensor == joiner.sensor)
      return std::max(joiner.position, query->time);
  return joiner.position;
}

void JoinHistory::trim(Nanos at) {
  Nanos low = kNever;
  for (const auto& joiner : joiners_) low = std::min(low, position_of(*joiner));
  for (const JoinQuery* query = waiting_; query; query = query->next)
    low = std::min(low, query->time);
  // The second oldest lies before all questions to come: the oldest is nobody's any more.
  while (size_ > 1 && this->at(1)->time <= low) drop_oldest();
  clock_ == JoinClock::kCapture ? trim_old() : hold_back(at);
  kept_.store(static_cast<std::int64_t>(size_), std::memory_order_relaxed);
}

void JoinHistory::trim_old() {
  while (size_ > most_) lose_oldest();
  while (size_ > 1 && later_by(at(1)->time, later_by(kSlack, reach_)) < reached_) lose_oldest();
}

void JoinHistory::hold_back(Nanos at) {
  if (size_ < most_) {
    full_since_ = kNever;
    let_go_ = false;
  } else if (full_since_ == kNever) {
    full_since_ = at;
  }
  if (size_ >= most_ && at >= later_by(full_since_, patience_)) let_go_ = true;
  while (let_go_ && size_ > most_) lose_oldest();
  full_.store(size_ >= most_ && !let_go_, std::memory_order_seq_cst);
}

Nanos JoinHistory::next_look() const {
  Nanos look = full_.load(std::memory_order_relaxed) ? later_by(full_since_, patience_) : kNever;
  for (const JoinQuery* query = waiting_; query; query = query->next)
    look = std::min(look, patience_ends(*query));
  return look;
}

}  // namespace edgert
