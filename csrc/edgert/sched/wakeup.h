// When lanes search, sleep and are woken.
//
// Waking is sparing, since a wake is a system call: while one lane searches, or was woken and is on
// its way, nobody else is woken; a searcher that finds work passes the search on.
//
// Invariant: while something is marked in the ready set and a lane sleeps, a lane searches, or is
// on its way to search or to draw, or somebody is about to wake one. So a busy lane never keeps
// work from one that sleeps.
// Why: a submitter marks its group and then looks for searchers; a searcher resigns and then looks
// at the groups; both are sequentially consistent, so one of the two sees the other. Who resigned
// as the last passes the search on if anything is marked, whether it found that itself or not: it
// may draw one of several, and it was counted on for all.
// Thread rule: wake_one() and stop() from any thread; search() and sleep() from lanes, each search
// that follows a sleep() taking the wake over.
#pragma once

#include <sched.h>

#include <atomic>

#include "edgert/queue/event_count.h"
#include "edgert/sched/ready_set.h"

namespace edgert {

// What a searching lane does between two looks: it waits a moment, and later on lets others have
// the core, if there are any.
struct Relax {
  static constexpr int kPauses = 64;  // about a microsecond
  static void relax(int look) {
    if (look >= kPauses) {
      sched_yield();
      return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
};

// `Atomic` and `Sleep` are std::atomic and Futex, or a model checker's. A lane looks `kLooks` times
// before it sleeps.
template <template <class> class Atomic, class Sleep, int kLooks>
class BasicWakeup {
 public:
  explicit BasicWakeup(const BasicReadySet<Atomic>& ready) : ready_(ready) {}

  // Something was marked: a lane shall come for it.
  void wake_one() {
    // Sequentially consistent, as the mark before it: a lane that is not seen here looks at the
    // marks after it announced its sleep. So a busy box pays a load, not exchanges.
    if (!events_.has_waiters()) return;
    do {
      if (searching_.load(std::memory_order_seq_cst) > 0 ||
          waking_.exchange(true, std::memory_order_seq_cst))
        return;
      if (events_.notify_one()) return;
      waking_.store(false, std::memory_order_seq_cst);
      // Another submitter may have relied on this wake, and a lane may have gone to sleep since.
    } while (events_.has_waiters() && ready_.best() != kNone);
  }

  // Looks for a short while. True: something is marked, and the search has ended: draw it.
  bool search() {
    searching_.fetch_add(1, std::memory_order_seq_cst);
    waking_.store(false, std::memory_order_seq_cst);
    for (int look = 0; look < kLooks && !stopping(); ++look) {
      if (ready_.best() == kNone) {
        Relax::relax(look);
        continue;
      }
      // The last searcher leaves: if there is work for two, another lane must come.
      if (searching_.fetch_sub(1, std::memory_order_seq_cst) == 1) wake_one();
      return true;
    }
    // Until here submitters counted on it, after its last look, too. As it may draw before it
    // sleeps, it passes on what it was counted on for.
    if (searching_.fetch_sub(1, std::memory_order_seq_cst) != 1 || ready_.best() == kNone)
      return false;
    wake_one();
    return true;
  }

  // Sleeps until woken; not at all when something is marked, or `look` finds something. To be
  // followed by search(), or by drawing all that there is and search() then.
  template <class Look>
  void sleep(Look&& look) {
    rest([&] {
      return stopping_.load(std::memory_order_seq_cst) || ready_.best() != kNone || look();
    });
  }
  void sleep() {
    sleep([] { return false; });
  }
  // For a lane that can take no work now, whatever is marked: sleeps until poke(), or some wake.
  template <class Look>
  void rest(Look&& look) {
    const auto ticket = events_.prepare();
    if (look()) {
      events_.cancel();
      return;
    }
    events_.wait(ticket);
  }
  // What a resting or sleeping lane looks for is there.
  void poke() { events_.notify_all(); }

  void stop() {
    stopping_.store(true, std::memory_order_seq_cst);
    events_.notify_all();
  }
  // Lanes that search or sleep. Relaxed: it is of the last moments.
  int idle() const { return searching_.load(std::memory_order_relaxed) + events_.waiters(); }
  // Relaxed: who sees it late looks once more; sleep() looks again.
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

 private:
  static constexpr auto kNone = BasicReadySet<Atomic>::kNone;

  const BasicReadySet<Atomic>& ready_;
  BasicEventCount<Atomic, Sleep> events_;
  Atomic<int> searching_{0};
  Atomic<bool> waking_{false};  // a lane was woken and does not search yet
  Atomic<bool> stopping_{false};
};

// A few microseconds of looks where nobody else wants the core: a wake costs about as much to
// who submits.
using Wakeup = BasicWakeup<std::atomic, Futex, Relax::kPauses + 8>;

}  // namespace edgert
