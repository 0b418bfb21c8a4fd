// What one sensor's stream gave, kept by time for the frames of other sensors that ask for it.
//
// Two sides meet here without waiting for each other. The kept sensor adds samples in the order of
// its frames; a frame of another sensor asks for what belongs to its time. Both only push to an
// intake and call settle(): one of them works for all (queue/claim.h), and gets the questions that
// are answered. A question whose answer isn't known yet stays until the stream has passed its time,
// ended or rests, or its patience is over. Each question is handed out once.
//
// Of samples, those stay that a later question may need: the last one at or before the time that
// every asking sensor has reached, and all behind it. In capture time the oldest go when there are
// too many. In media time recordings run as fast as they can, so the stream is to be held back
// instead: full() says so, until those who ask come nearer, or have not moved for their patience.
//
// Thread rule: add_joiner() before the first frame. add() by one thread at a time, in stream
// order, and the questions of one joiner likewise; everything else from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/histogram.h"
#include "edgert/memory/frame.h"
#include "edgert/memory/pool.h"
#include "edgert/queue/claim.h"
#include "edgert/queue/intake_stack.h"

namespace edgert {

struct Execution;

enum class JoinBy : std::uint8_t { kNearest, kLatest, kInterpolate };
enum class JoinClock : std::uint8_t { kCapture, kMedia };

// When what a frame gives counts: at its end. A picture's own time, sound's last sample's end, the
// last row's time.
Nanos time_at_end(const Frame& frame, const FrameFormat& format, JoinClock clock);
inline Nanos time_of(const Frame& frame, JoinClock clock) {
  return clock == JoinClock::kCapture ? frame.capture : frame.media_time;
}

struct JoinRule {
  JoinBy by = JoinBy::kNearest;
  Nanos tolerance = kNever;  // kNever: any distance
  // How long a question waits: from when it was asked, in media time from when the stream last
  // moved.
  Nanos wait = 0;
};

// A sample, or without a value: the stream came to `upto`, and gave nothing.
struct JoinSample {
  JoinSample* next = nullptr;
  Nanos time = 0, upto = 0;
  Tensor value;
  bool empty = true;
  std::uint32_t pool_index = 0;
};

enum class JoinAnswer : std::uint8_t {
  kOpen,
  kMatched,
  kMissing,    // the stream has passed that time, and nothing is near enough
  kLate,       // not known when its patience ended
  kAbsent,     // the stream ended, or rests
  kForgotten,  // the stream is too far ahead: what was near is no longer kept
  kPassed,     // it only told that its frame has come here
};
inline constexpr std::size_t kJoinAnswers = 7;

struct JoinQuery {
  JoinQuery* next = nullptr;
  Execution* owner = nullptr;
  int joiner = 0;
  Nanos time = 0, asked = 0;
  JoinAnswer answer = JoinAnswer::kOpen;
  Tensor before, after;  // `after`, and share: of an interpolation between the two
  double share = 0;
};

class JoinHistory {
 public:
  // Of a sensor, by its number (Plan::sensor_numbers). `most` samples are kept before the stream is
  // held back, or loses the oldest; `burst` more may be on their way.
  JoinHistory(int sensor, JoinClock clock, std::size_t most, std::size_t burst);

  int sensor() const { return sensor_; }
  JoinClock clock() const { return clock_; }
  std::size_t most() const { return most_ + burst_; }
  // `sensor` is the one whose frames ask.
  int add_joiner(const JoinRule& rule, int sensor);
  const JoinRule& rule(int joiner) const {
    return joiners_[static_cast<std::size_t>(joiner)]->rule;
  }

  // Of the kept sensor. Empty places for samples; null when all are on their way.
  JoinSample* blank() {
    return samples_.take([] { return std::make_unique<JoinSample>(); });
  }
  void add(JoinSample* sample) { arrivals_.push(sample); }
  void ask(JoinQuery* query) { asked_.push(query); }

  // Of the kept sensor: its stream ended; its frames don't come for now. Nobody waits for it then.
  void set_ended(bool ended) { ended_.store(ended, std::memory_order_release); }
  void set_resting(bool resting) { resting_.store(resting, std::memory_order_release); }
  // Of a joiner: it asks nothing for now, so nothing is held back for it.
  void set_gone(int joiner, bool gone) {
    joiners_[static_cast<std::size_t>(joiner)]->gone.store(gone, std::memory_order_release);
  }
  // The timer of look_at fired, or could not be set: then nobody waits any longer.
  void timer_fired() { armed_.store(kNever, std::memory_order_seq_cst); }
  // Timers that name it and have not called back.
  std::atomic<int> timers{0};
  void no_timer() {
    timer_fired();
    hurry_.store(true, std::memory_order_release);
  }

  struct Settled {
    JoinQuery* answered = nullptr;  // linked, in the order of their answers
    bool room = false;              // full() became false: the stream may go on
    Nanos look_at = kNever;         // settle() is to be called then, after timer_fired()
  };
  // After each of the above. Every question comes out of one of these calls.
  Settled settle(const Clock& clock = Clock::real());

  // The stream is to wait. Stale by moments; who waits for it is told by Settled::room.
  bool full() const { return full_.load(std::memory_order_seq_cst); }
  std::int64_t kept() const { return kept_.load(std::memory_order_relaxed); }
  void lose() { lost_.add(); }  // a sample for which there was no place
  std::int64_t lost() const { return lost_.value(); }

 private:
  struct Joiner {
    JoinRule rule;
    int sensor = -1;
    std::atomic<bool> gone{false};
    Nanos position = INT64_MIN;  // of its last question
  };
  void work(Nanos at, Settled& settled);
  void take(JoinSample* sample);
  void insert(JoinSample* sample);
  void drop_oldest();
  void lose_oldest();
  void forget();
  bool decide(JoinQuery& query, Nanos at, bool over, bool hurry);
  JoinAnswer choose(JoinQuery& query, const JoinRule& rule, bool final) const;
  JoinAnswer between(JoinQuery& query, const JoinRule& rule, bool final, std::size_t above) const;
  Nanos patience_ends(const JoinQuery& query) const;
  void trim(Nanos at);
  Nanos position_of(const Joiner& joiner) const;
  void trim_old();
  void hold_back(Nanos at);
  Nanos next_look() const;
  std::size_t first_after(Nanos time) const;
  JoinSample* at(std::size_t index) const { return ring_[(head_ + index) % ring_.size()]; }

  const int sensor_;
  const JoinClock clock_;
  const std::size_t most_, burst_;
  std::vector<std::unique_ptr<Joiner>> joiners_;
  Nanos patience_ = 0, reach_ = 0;  // the longest wait; wait and tolerance together
  ObjectPool<JoinSample> samples_;
  IntakeStack<JoinSample> arrivals_;
  IntakeStack<JoinQuery> asked_;
  Claim claim_;
  std::atomic<bool> ended_{false}, resting_{false}, hurry_{false}, full_{false};
  std::atomic<Nanos> armed_{kNever};
  std::atomic<std::int64_t> kept_{0};
  Counter lost_;
  // Of who holds the claim:
  std::vector<JoinSample*> ring_;
  std::size_t head_ = 0, size_ = 0;
  JoinQuery* waiting_ = nullptr;
  Nanos reached_ = INT64_MIN;    // the stream gave all that lies up to here
  Nanos forgotten_ = INT64_MIN;  // the newest sample that was dropped while it could be asked for
  Nanos arrived_ = INT64_MIN;    // when the stream last moved
  Nanos full_since_ = kNever;    // when those who ask last moved, or it became full
  bool let_go_ = false;          // nobody moved for so long that it isn't held back
};

}  // namespace edgert
