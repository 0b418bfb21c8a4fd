// A value that one thread replaces now and then and many read all the time, through one pointer.
//
// Reclamation by epochs: a reader notes the epoch before it loads the pointer and clears the note
// afterwards; an old value is freed when no note is older than its replacement. Why that is enough:
// a note, the load of the pointer, the exchange of the pointer and the look at the notes are
// sequentially consistent. A reader whose note the look misses loads the pointer after the
// exchange; one whose note is the new epoch read it after the exchange.
// Progress: reading is wait-free (one exchange-like store and one plain store on a line of the
// reader's own). Publishing waits for nobody: what readers still hold is freed by a later call.
// Thread rule: read() from any thread, not nested; publish() by one thread at a time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace edgert {

// `Atomic` is std::atomic, or a model checker's. Readers are numbered; those from `kReaders` on
// share one count, and while it isn't 0 nothing is freed.
template <class T, template <class> class Atomic, std::size_t kReaders>
class BasicPublished {
 public:
  BasicPublished() = default;
  ~BasicPublished() {
    delete current_.load(std::memory_order_relaxed);
    for (auto& [epoch, value] : retired_) delete value;
  }
  BasicPublished(const BasicPublished&) = delete;
  BasicPublished& operator=(const BasicPublished&) = delete;

  // The result of `use` with the value, or with null where none was published.
  template <class Use>
  auto read(std::size_t reader, Use&& use) const {
    if (reader >= kReaders) return read_counted(std::forward<Use>(use));
    // Acquire: an epoch read here comes with the pointer that was exchanged before it.
    notes_[reader].epoch.store(epoch_.load(std::memory_order_acquire), std::memory_order_seq_cst);
    auto result = use(static_cast<const T*>(current_.load(std::memory_order_seq_cst)));
    notes_[reader].epoch.store(0, std::memory_order_release);  // after the last use
    return result;
  }

  void publish(std::unique_ptr<T> next) {
    T* old = current_.exchange(next.release(), std::memory_order_seq_cst);
    const std::uint64_t replaced = epoch_.fetch_add(1, std::memory_order_seq_cst) + 1;
    if (old) retired_.emplace_back(replaced, old);
    collect();
  }

  std::size_t retired() const { return retired_.size(); }  // for who publishes

 private:
  struct alignas(64) Note {
    Atomic<std::uint64_t> epoch{0};  // 0: reads nothing
  };

  template <class Use>
  auto read_counted(Use&& use) const {
    counted_.fetch_add(1, std::memory_order_seq_cst);
    auto result = use(static_cast<const T*>(current_.load(std::memory_order_seq_cst)));
    counted_.fetch_sub(1, std::memory_order_release);
    return result;
  }

  void collect() {
    if (counted_.load(std::memory_order_seq_cst) != 0) return;
    std::uint64_t oldest = UINT64_MAX;
    for (const Note& note : notes_) {
      const std::uint64_t epoch = note.epoch.load(std::memory_order_seq_cst);
      if (epoch != 0) oldest = std::min(oldest, epoch);
    }
    std::erase_if(retired_, [oldest](auto& entry) {
      if (entry.first > oldest) return false;
      delete entry.second;
      return true;
    });
  }

  Atomic<T*> current_{nullptr};
  Atomic<std::uint64_t> epoch_{1};
  mutable Note notes_[kReaders];
  mutable Atomic<std::int64_t> counted_{0};
  std::vector<std::pair<std::uint64_t, T*>> retired_;
};

// A number of this thread's own, small, that another thread gets after this one's end.
std::size_t reader_number();

inline constexpr std::size_t kReaders = 128;
template <class T>
using Published = BasicPublished<T, std::atomic, kReaders>;

}  // namespace edgert
