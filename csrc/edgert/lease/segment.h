// Memory that other processes may map and never write: slots of one size in a memfd.
//
// A header line a slot holds its generation: how often the slot was given back. A reader that
// knows the generation of its lease sees by it whether the bytes are still those it was granted.
// The file can't shrink, and a slot's pages are reserved before it is used, so that touching one
// never ends in SIGBUS.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "edgert/base/status.h"

namespace edgert {

class Segment {
 public:
  // Makes one; `slot_bytes` is rounded up to whole pages, with slack for vector code.
  static Result<std::shared_ptr<Segment>> create(std::size_t slot_bytes, std::uint32_t slots);
  // Maps another process's for reading. Takes over `fd`, also when it fails.
  static Result<std::shared_ptr<Segment>> attach(int fd, std::size_t slot_bytes,
                                                 std::uint32_t slots);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  int fd() const { return fd_; }
  std::uint32_t slots() const { return slots_; }
  std::size_t slot_bytes() const { return slot_bytes_; }
  std::byte* data() const { return data_; }
  std::byte* slot(std::uint32_t index) const;
  // The slot that holds an address; none outside of the segment.
  std::optional<std::uint32_t> slot_of(const void* address) const;

  std::uint64_t generation(std::uint32_t slot) const;
  // The slot is used anew: what was granted of it is dead. Only where it was created.
  void end_generation(std::uint32_t slot);
  // Reserves a slot's pages; false when memory is short. Only where it was created.
  bool reserve(std::uint32_t slot);

 private:
  Segment(int fd, std::byte* data, std::size_t slot_bytes, std::uint32_t slots);
  std::atomic<std::uint64_t>& counter(std::uint32_t slot) const;

  int fd_;
  std::byte* data_;
  std::size_t slot_bytes_;
  std::uint32_t slots_;
};

}  // namespace edgert
