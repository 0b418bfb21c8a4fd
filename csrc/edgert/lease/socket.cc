#include "edgert/lease/socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace edgert {
namespace {

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Status::invalid("socket '" + path + "'", "the path is empty or too long",
                           "use at most " + std::to_string(sizeof address.sun_path - 1) +
                               " characters, for example /run/user/1000/edgert.sock");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Descriptor make_socket() {
  return Descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

bool connected(const Descriptor& socket, const sockaddr_un& address) {
  return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

Status failed(const std::string& path, const char* what, const char* hint) {
  return Status::unavailable("socket " + path, std::string(what) + ": " + std::strerror(errno),
                             hint);
}

// A socket file whose server is gone is in the way; any other file is left alone.
void remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return;
  const Descriptor probe = make_socket();
  if (!connected(probe, address) && errno == ECONNREFUSED) unlink(path.c_str());
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Result<Descriptor> listen_at(const std::string& path) {
  EDGERT_ASSIGN_OR_RETURN(const sockaddr_un address, address_of(path));
  remove_stale(path, address);
  Descriptor made = make_socket();
  if (bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
    return failed(path, "can't listen there",
                  "choose a folder that you may write to, and a name that nobody uses");
  if (listen(made.get(), 16) != 0) return failed(path, "can't listen", "try another path");
  return made;
}

Result<Descriptor> connect_to(const std::string& path) {
  EDGERT_ASSIGN_OR_RETURN(const sockaddr_un address, address_of(path));
  Descriptor made = make_socket();
  if (!connected(made, address))
    return failed(path, "nobody shares frames there",
                  "start a runtime that shares its frames at this path, and check the path");
  return made;
}

Received receive_message(int socket, void* into, std::size_t most, std::size_t& size,
                         Descriptor* passed) {
  iovec part{into, most};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Received::kNothing : Received::kClosed;
  for (cmsghdr* part_of = CMSG_FIRSTHDR(&header); part_of;
       part_of = CMSG_NXTHDR(&header, part_of)) {
    if (part_of->cmsg_level != SOL_SOCKET || part_of->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(part_of), sizeof fd);
    Descriptor taken(fd);
    if (passed) *passed = std::move(taken);
  }
  size = static_cast<std::size_t>(got);
  return got == 0 || (header.msg_flags & MSG_TRUNC) != 0 ? Received::kClosed : Received::kMessage;
}

bool send_message(int socket, const void* message, std::size_t size, int passed) {
  iovec part{const_cast<void*>(message), size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (passed >= 0) {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &passed, sizeof passed);
  }
  return sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

bool wait_readable(int socket, Nanos deadline) {
  for (;;) {
    int patience = -1;
    if (deadline != kNever) {
      const Nanos left = std::max<Nanos>(0, deadline - now());
      patience =
          static_cast<int>(std::min<Nanos>((left + kMillisecond - 1) / kMillisecond, 1'000'000));
    }
    pollfd one{socket, POLLIN, 0};
    const int ready = poll(&one, 1, patience);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // reading tells what is wrong
    if (deadline != kNever && now() >= deadline) return false;
  }
}

}  // namespace edgert
