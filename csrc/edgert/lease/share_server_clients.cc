// What clients of a ShareServer ask, and what becomes of them: they come, subscribe, give back, go.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "edgert/lease/share_server.h"
#include "edgert/lease/shared_client.h"

namespace edgert {
namespace {

constexpr std::size_t kMostClients = 64;

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "no sensor" : out;
}

}  // namespace

void ShareServer::accept_client() {
  auto client = std::make_unique<Client>();
  client->socket = Descriptor(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client->socket) {  // too many open files: it stays in the queue until some are closed
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return;
  }
  if (clients_.size() >= kMostClients) {
    refuse(*client, Status(Code::kExhausted, "share " + options_.path, "it has too many clients",
                           "close some of its " + std::to_string(kMostClients)));
    return;
  }
  clients_.push_back(std::move(client));
  client_count_.fetch_add(1, std::memory_order_relaxed);
}

bool ShareServer::serve(Client& client) {
  for (;;) {
    lease_wire::Any message;
    std::size_t size = 0;
    switch (receive_message(client.socket.get(), &message, sizeof message, size)) {
      case Received::kNothing:
        return true;
      case Received::kClosed:
        return false;
      case Received::kMessage:
        break;
    }
    bool understood = false;
    if (size == sizeof(lease_wire::Subscribe) && message.type == lease_wire::Type::kSubscribe)
      understood = client.sensor == kNone && subscribe(client, message.subscribe);
    else if (size == sizeof(lease_wire::Release) && message.type == lease_wire::Type::kRelease)
      understood = take_back(client, message.release.slot, message.release.generation);
    if (understood) continue;
    misbehaved_.add();
    return false;
  }
}

bool ShareServer::refuse(Client& client, const Status& why) {
  lease_wire::Refusal refusal;
  refusal.code = static_cast<std::int32_t>(why.code());
  const std::string text = std::string(why.what()) + "; " + std::string(why.hint());
  std::memcpy(refusal.text, text.data(), std::min(text.size(), sizeof refusal.text - 1));
  send_message(client.socket.get(), &refusal, sizeof refusal);
  return true;  // it goes by itself, when it has read this
}

bool ShareServer::subscribe(Client& client, const lease_wire::Subscribe& wish) {
  if (wish.magic != lease_wire::kMagic) return false;
  if (wish.version != lease_wire::kVersion)
    return refuse(client,
                  Status::invalid("share " + options_.path,
                                  "it speaks version " + std::to_string(lease_wire::kVersion),
                                  "use the same edgert on both sides"));
  const std::string name(wish.sensor, strnlen(wish.sensor, sizeof wish.sensor));
  const auto found = std::find(sensors_.begin(), sensors_.end(), name);
  if (found == sensors_.end())
    return refuse(client,
                  Status(Code::kNotFound, "share " + options_.path,
                         "there is no sensor '" + name + "'", "there are: " + list_of(sensors_)));
  if (wish.most_held > options_.most_held)
    return refuse(client, Status::invalid("share " + options_.path,
                                          "it lends " + std::to_string(options_.most_held) +
                                              " frames at once to one client, and " +
                                              std::to_string(wish.most_held) + " are asked for",
                                          "hold fewer, or share with a larger most_held"));
  client.most_held = wish.most_held > 0 ? wish.most_held
                                        : std::min(lease_wire::kHeldByDefault, options_.most_held);
  client.min_interval = std::max<Nanos>(0, wish.min_interval);
  lease_wire::Welcome welcome;
  welcome.slots = pool_->segment().slots();
  welcome.slot_bytes = pool_->segment().slot_bytes();
  client.sensor = static_cast<int>(found - sensors_.begin());
  client.held.reserve(client.most_held);
  listeners_[static_cast<std::size_t>(client.sensor)].fetch_add(1, std::memory_order_relaxed);
  // It counts as a listener before it knows: a frame pushed after connect() returned is lent.
  return send_message(client.socket.get(), &welcome, sizeof welcome, pool_->segment().fd());
}

// A lease that this client doesn't hold, of this generation or at all, is not taken back.
bool ShareServer::take_back(Client& client, std::uint32_t slot, std::uint64_t generation) {
  const auto lease =
      std::find_if(client.held.begin(), client.held.end(), [&](const Client::Lease& held) {
        return held.slot == slot && held.generation == generation;
      });
  if (lease == client.held.end()) return false;
  client.held.erase(lease);
  give_back(slot);
  return true;
}

void ShareServer::give_back(std::uint32_t slot) {
  Lent& lent = lent_[slot];
  if (--lent.holders == 0) lent.keeper.reset();
  held_.fetch_sub(1, std::memory_order_relaxed);
}

void ShareServer::dismiss(Client& client) {
  for (const Client::Lease& lease : client.held) {
    give_back(lease.slot);
    reclaimed_.add();
  }
  if (client.sensor >= 0)
    listeners_[static_cast<std::size_t>(client.sensor)].fetch_sub(1, std::memory_order_relaxed);
  client_count_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace edgert
