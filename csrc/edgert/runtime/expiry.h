// Calls back at deadlines, of results and of joins that wait, from one thread that sleeps between
// them.
//
// Thread rule: add() from any thread, without a lock; the heap belongs to the thread. When the
// intake is full an entry is refused: its work then expires only when a lane draws it.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/queue/event_count.h"
#include "edgert/queue/ring.h"

namespace edgert {

struct Activation;
class JoinHistory;

class Expiry {
 public:
  struct Entry {
    Nanos when = kNever;
    Activation* root = nullptr;
    std::uint64_t number = 0;
    int slot = -1;
    JoinHistory* history = nullptr;  // it wants to be looked at; then there is no root
  };
  using Callback = void (*)(void* context, const Entry& entry);

  Expiry(Callback callback, void* context, const Clock& clock = Clock::real())
      : callback_(callback), context_(context), clock_(clock), intake_(4096) {}
  ~Expiry() { stop(); }
  // True: the thread stands above all ordinary ones. Else who keeps the cores busy should be nicer.
  bool start();
  void stop();
  bool add(const Entry& entry);

  // On a virtual clock, in place of the thread, by who drives it: calls back for all that is due,
  // and tells when more is.
  void call_due();
  Nanos next() const { return heap_.empty() ? kNever : heap_.front().when; }

 private:
  void loop();
  void keep(const Entry& entry);
  Callback callback_;
  void* context_;
  const Clock& clock_;
  Ring<Entry> intake_;
  std::vector<Entry> heap_;
  EventCount events_;
  std::atomic<Nanos> sleeping_until_{kNever};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace edgert
