#include "edgert/lease/segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <string>

#include "edgert/memory/buffer.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010  // linux/fcntl.h, Linux 5.1
#endif

namespace edgert {
namespace {

constexpr std::size_t kPage = 4096;          // slots are multiples of it
constexpr std::size_t kLargestPage = 65536;  // the header is: slots begin on a page anywhere
constexpr std::size_t kLine = 64;            // a generation a cache line

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

std::size_t header_bytes(std::uint32_t slots) {
  return round_up(slots * kLine, kLargestPage);
}

std::size_t total_bytes(std::size_t slot_bytes, std::uint32_t slots) {
  return header_bytes(slots) + slot_bytes * slots;
}

Status failed(const char* what) {
  return Status(Code::kExhausted, "shared memory", std::string(what) + ": " + std::strerror(errno),
                "share less memory, or free some");
}

// Nobody may resize the file, or map it for writing from now on. Older kernels know only the first.
bool seal(int fd) {
  return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0 &&
         (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0 || errno == EINVAL);
}

}  // namespace

Segment::Segment(int fd, std::byte* data, std::size_t slot_bytes, std::uint32_t slots)
    : fd_(fd), data_(data), slot_bytes_(slot_bytes), slots_(slots) {}

Segment::~Segment() {
  munmap(data_, total_bytes(slot_bytes_, slots_));
  close(fd_);
}

Result<std::shared_ptr<Segment>> Segment::create(std::size_t slot_bytes, std::uint32_t slots) {
  if (slot_bytes == 0 || slots == 0)
    return Status::invalid("shared memory", "it has no slot", "share at least one frame");
  slot_bytes = round_up(slot_bytes + kBufferSlack, kPage);
  const std::size_t bytes = total_bytes(slot_bytes, slots);
  const int fd = memfd_create("edgert-frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return failed("can't be made");
  void* data = MAP_FAILED;
  if (ftruncate(fd, static_cast<off_t>(bytes)) == 0 &&
      fallocate(fd, 0, 0, static_cast<off_t>(header_bytes(slots))) == 0)
    data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED || !seal(fd)) {
    const Status status = failed("can't be reserved");
    if (data != MAP_FAILED) munmap(data, bytes);
    close(fd);
    return status;
  }
  return std::shared_ptr<Segment>(
      new Segment(fd, static_cast<std::byte*>(data), slot_bytes, slots));
}

Result<std::shared_ptr<Segment>> Segment::attach(int fd, std::size_t slot_bytes,
                                                 std::uint32_t slots) {
  struct stat file {};
  const std::size_t bytes = total_bytes(slot_bytes, slots);
  const bool fits = fstat(fd, &file) == 0 && static_cast<std::size_t>(file.st_size) == bytes;
  const int seals = fcntl(fd, F_GET_SEALS);
  const bool sealed = seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
  void* data = fits && sealed ? mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  if (data == MAP_FAILED) {
    close(fd);
    return Status::invalid("shared memory", "what the server sent is not a segment of edgert",
                           "connect to the socket of a running edgert");
  }
  return std::shared_ptr<Segment>(
      new Segment(fd, static_cast<std::byte*>(data), slot_bytes, slots));
}

std::byte* Segment::slot(std::uint32_t index) const {
  return data_ + header_bytes(slots_) + slot_bytes_ * index;
}

std::optional<std::uint32_t> Segment::slot_of(const void* address) const {
  const auto* byte = static_cast<const std::byte*>(address);
  if (std::less<>()(byte, slot(0)) || !std::less<>()(byte, slot(slots_))) return std::nullopt;
  return static_cast<std::uint32_t>(static_cast<std::size_t>(byte - slot(0)) / slot_bytes_);
}

std::atomic<std::uint64_t>& Segment::counter(std::uint32_t slot) const {
  // The file starts as zeroes, and a lock-free atomic of 0 is eight of them.
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  return *reinterpret_cast<std::atomic<std::uint64_t>*>(data_ + slot * kLine);
}

std::uint64_t Segment::generation(std::uint32_t slot) const {
#ifndef __SANITIZE_THREAD__  // which doesn't know fences
  // What was read of the slot was read before this look.
  std::atomic_thread_fence(std::memory_order_acquire);
#endif
  return counter(slot).load(std::memory_order_acquire);
}

void Segment::end_generation(std::uint32_t slot) {
  // Release: what its holders did comes before. The next user's writes come after it, since the
  // slot goes to them through the pool's release and acquire.
  counter(slot).fetch_add(1, std::memory_order_release);
}

bool Segment::reserve(std::uint32_t slot) {
  const auto offset = static_cast<off_t>(this->slot(slot) - data_);
  return fallocate(fd_, 0, offset, static_cast<off_t>(slot_bytes_)) == 0;
}

}  // namespace edgert
