#include "edgert/lease/share_server.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "edgert/lease/shared_client.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMostSlots = 4096;

}  // namespace

ShareServer::ShareServer(ShareOptions options, std::vector<std::string> sensors)
    : options_(std::move(options)),
      sensors_(std::move(sensors)),
      listeners_(new std::atomic<int>[sensors_.size()]()),
      ended_(new std::atomic<bool>[sensors_.size()]()) {}

Result<std::unique_ptr<ShareServer>> ShareServer::create(const ShareOptions& options,
                                                         std::vector<std::string> sensors) {
  if (options.slots < 1 || options.slots > kMostSlots)
    return Status::invalid("share", "slots is " + std::to_string(options.slots),
                           "use 1 to " + std::to_string(kMostSlots));
  if (options.most_held < 1)
    return Status::invalid("share", "most_held is 0", "let a client hold 1 frame at least");
  std::unique_ptr<ShareServer> made(new ShareServer(options, std::move(sensors)));
  EDGERT_ASSIGN_OR_RETURN(made->pool_, LeasePool::create(options.slot_bytes, options.slots));
  made->lent_.resize(options.slots);
  EDGERT_ASSIGN_OR_RETURN(made->listener_, listen_at(options.path));
  made->bell_ = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made->bell_)
    return Status(Code::kExhausted, "share", "too many open files", "raise ulimit -n");
  made->thread_ = std::thread([server = made.get()] { server->loop(); });
  pthread_setname_np(made->thread_.native_handle(), "edgert-share");
  return made;
}

ShareServer::~ShareServer() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  wake();
  thread_.join();
  unlink(options_.path.c_str());
}

void ShareServer::wake() {
  const std::uint64_t one = 1;
  // A full counter is as awake as it gets.
  [[maybe_unused]] const ssize_t written = write(bell_.get(), &one, sizeof one);
}

void ShareServer::offer(std::size_t sensor, const FrameRef& frame) {
  // Relaxed: a client that comes at this moment gets the next frame.
  if (listeners_[sensor].load(std::memory_order_relaxed) == 0) return;
  if (offers_.try_push({frame, sensor}))
    wake();
  else
    behind_.add();
}

void ShareServer::finish(std::size_t sensor) {
  ended_[sensor].store(true, std::memory_order_release);
  wake();
}

void ShareServer::loop() {
  std::vector<pollfd> watched;
  while (!stopping_.load(std::memory_order_acquire)) {
    watched.assign({{bell_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}});
    for (const auto& client : clients_) watched.push_back({client->socket.get(), POLLIN, 0});
    poll(watched.data(), watched.size(), -1);
    // Leases come back before frames are lent: a reader that keeps up is refused nothing.
    for (std::size_t i = clients_.size(); i-- > 0;)
      if (watched[i + 2].revents != 0 && !serve(*clients_[i])) {
        dismiss(*clients_[i]);
        clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    if (watched[1].revents != 0) accept_client();
    std::uint64_t rung = 0;
    [[maybe_unused]] const ssize_t got = read(bell_.get(), &rung, sizeof rung);
    // Looked at before the offers are drained: then all that came before the end is among them.
    std::vector<bool> ended(sensors_.size());
    for (std::size_t i = 0; i < ended.size(); ++i)
      ended[i] = ended_[i].load(std::memory_order_acquire);
    for (Offered offered; offers_.try_pop(offered); offered = {}) lend(offered);
    for (std::size_t i = 0; i < ended.size(); ++i)
      if (ended[i]) end(i);
  }
  pool_->retire();  // what clients still hold stays readable
  for (auto& client : clients_) dismiss(*client);
  clients_.clear();
}

void ShareServer::lend(const Offered& offered) {
  Placement placement;
  bool placed = false, tried = false;
  for (auto& client : clients_) {
    if (client->sensor != static_cast<int>(offered.sensor)) continue;
    const Nanos time = offered.frame->capture;
    if (client->min_interval > 0 && time < client->next) continue;
    if (client->held.size() >= client->most_held) {
      holds_all_.add();
      ++client->refused;
      continue;
    }
    if (!tried) {
      tried = true;
      placed = place(*offered.frame, *pool_, placement);
      if (placed)
        copied_bytes_.add(static_cast<std::int64_t>(placement.copied));
      else
        (copy_bytes(*offered.frame) > options_.slot_bytes ? too_large_ : no_slot_).add();
    }
    if (placed && grant(*client, placement))
      client->next = std::max(client->next + client->min_interval, time);
    else
      ++client->refused;
  }
}

bool ShareServer::grant(Client& client, const Placement& placement) {
  lease_wire::Grant message = placement.grant;
  message.refused = client.refused;
  // Held and counted before it is sent: from when it has the frame, the client finds it counted.
  client.held.push_back({message.slot, message.generation});
  Lent& lent = lent_[message.slot];
  if (lent.holders++ == 0) lent.keeper = placement.keeper;
  held_.fetch_add(1, std::memory_order_relaxed);
  if (!send_message(client.socket.get(), &message, sizeof message)) {
    client.held.pop_back();
    give_back(message.slot);
    not_reading_.add();
    return false;
  }
  client.refused = 0;
  granted_.add();
  return true;
}

void ShareServer::end(std::size_t sensor) {
  for (auto& client : clients_) {
    if (client->sensor != static_cast<int>(sensor)) continue;
    const lease_wire::End message;
    if (!send_message(client->socket.get(), &message, sizeof message)) continue;  // then later
    listeners_[sensor].fetch_sub(1, std::memory_order_relaxed);
    client->sensor = kEnded;  // it got all; what it holds it still gives back
  }
}

ShareSnapshot ShareServer::snapshot() const {
  ShareSnapshot out;
  out.path = options_.path;
  out.slots = options_.slots;
  out.clients = client_count_.load(std::memory_order_relaxed);
  out.held = held_.load(std::memory_order_relaxed);
  out.granted = granted_.value();
  out.copied_bytes = copied_bytes_.value();
  out.reclaimed = reclaimed_.value();
  out.misbehaved = misbehaved_.value();
  out.refused_no_slot = no_slot_.value();
  out.refused_too_large = too_large_.value();
  out.refused_holds_all = holds_all_.value();
  out.refused_not_reading = not_reading_.value();
  out.refused_behind = behind_.value();
  return out;
}

}  // namespace edgert
