// An array that grows without moving: what is small costs little, whatever it may become.
//
// Thread rule: reserve() may be called from any thread. An entry may be used by who reserved it,
// and by who learned of it from there.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace edgert {

template <class T>
class GrowingArray {
 public:
  GrowingArray() = default;
  ~GrowingArray() {
    for (std::atomic<T*>& part : parts_) delete[] part.load(std::memory_order_relaxed);
  }
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;

  // Makes the part that holds the entry, where it isn't there.
  void reserve(std::uint32_t index) {
    const unsigned at = part_of(index);
    // Acquire: the part's entries were made before it was published.
    if (parts_[at].load(std::memory_order_acquire)) return;
    T* made = new T[std::size_t{kFirst} << at]();
    T* none = nullptr;
    if (!parts_[at].compare_exchange_strong(none, made, std::memory_order_acq_rel)) delete[] made;
  }

  T& operator[](std::uint32_t index) const {
    const unsigned at = part_of(index);
    return parts_[at].load(std::memory_order_acquire)[index + kFirst - (kFirst << at)];
  }

 private:
  static constexpr std::uint32_t kFirst =
      16;  // entries of the first part; each next has twice as many
  static unsigned part_of(std::uint32_t index) {
    return static_cast<unsigned>(std::bit_width(index / kFirst + 1)) - 1;
  }
  std::array<std::atomic<T*>, 17> parts_{};  // two million entries
};

}  // namespace edgert
