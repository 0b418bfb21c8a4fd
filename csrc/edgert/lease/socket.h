// A local socket that keeps message boundaries, as a value that closes itself.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "edgert/base/clock.h"
#include "edgert/base/status.h"

namespace edgert {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }
  int detach() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Listens at a path that only this user may open. Takes over a path whose server is gone.
Result<Descriptor> listen_at(const std::string& path);
Result<Descriptor> connect_to(const std::string& path);

enum class Received { kMessage, kNothing, kClosed };

// One whole message, without waiting; `passed` gets a descriptor that came with it. A message of
// another size than `size` counts as closed: the peer speaks something else.
Received receive_message(int socket, void* into, std::size_t most, std::size_t& size,
                         Descriptor* passed = nullptr);

// False: it did not go out now (the peer is gone, or does not read).
bool send_message(int socket, const void* message, std::size_t size, int passed = -1);

// Waits until there is something to read, or the deadline passed (false).
bool wait_readable(int socket, Nanos deadline);

}  // namespace edgert
