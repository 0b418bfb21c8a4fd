#include "edgert/queue/published.h"

#include <array>

namespace edgert {
namespace {

std::array<std::atomic<bool>, kReaders> taken_numbers;

class Number {
 public:
  Number() {
    // Acquire and release: the reader before, of the same number, is done with its notes.
    while (value_ < kReaders && taken_numbers[value_].exchange(true, std::memory_order_acquire))
      ++value_;
  }
  ~Number() {
    if (value_ < kReaders) taken_numbers[value_].store(false, std::memory_order_release);
  }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  std::size_t value() const { return value_; }

 private:
  std::size_t value_ = 0;
};

}  // namespace

std::size_t reader_number() {
  static thread_local const Number number;
  return number.value();
}

}  // namespace edgert
