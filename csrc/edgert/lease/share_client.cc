#include "edgert/lease/share_client.h"

#include <algorithm>
#include <cstring>

#include "edgert/lease/placement.h"
#include "edgert/lease/socket.h"
#include "edgert/queue/ring.h"

namespace edgert {

// Kept alive by the client and by each frame that is out.
struct ShareClient::Connection {
  Connection(const ShareWish& of, Descriptor open)
      : wish(of),
        socket(std::move(open)),
        unsent(of.most_held > 0 ? static_cast<std::size_t>(of.most_held)
                                : lease_wire::kHeldByDefault) {}

  std::string where() const { return "shared sensor '" + wish.sensor + "' at " + wish.path; }

  // Never blocks: what can't be sent now goes with the next call. There are never more than the
  // leases held, so the ring has room.
  void give_back(lease_wire::Release release) {
    unsent.try_push(lease_wire::Release(release));
    flush();
  }
  void flush() {
    for (lease_wire::Release release; unsent.try_pop(release);)
      if (!send_message(socket.get(), &release, sizeof release)) {
        unsent.try_push(lease_wire::Release(release));
        return;
      }
  }

  ShareWish wish;
  Descriptor socket;
  std::shared_ptr<Segment> segment;
  Ring<lease_wire::Release> unsent;
};

namespace {

// What a frame of a lease holds on to; gone, the lease goes back.
template <class Connection>
struct Hold {
  std::shared_ptr<Connection> connection;
  lease_wire::Release release;
  static void drop(void* context) noexcept {
    auto* hold = static_cast<Hold*>(context);
    hold->connection->give_back(hold->release);
    delete hold;
  }
};

Status refusal_of(const lease_wire::Refusal& refusal, const std::string& where) {
  const std::string text(refusal.text, strnlen(refusal.text, sizeof refusal.text));
  return Status(static_cast<Code>(refusal.code), where, text);
}

}  // namespace

ShareClient::ShareClient(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

ShareClient::~ShareClient() = default;

const std::shared_ptr<Segment>& ShareClient::segment() const {
  return connection_->segment;
}

Result<std::unique_ptr<ShareClient>> ShareClient::connect(const ShareWish& wish, Nanos deadline) {
  lease_wire::Subscribe hello;
  if (wish.sensor.empty() || wish.sensor.size() >= sizeof hello.sensor)
    return Status::invalid("shared sensor '" + wish.sensor + "'", "the name is empty or too long",
                           "use the sensor's name in its document");
  if (wish.most_held < 0 || wish.min_interval < 0)
    return Status::invalid("shared sensor '" + wish.sensor + "'",
                           "it would hold no frame, or none ever comes",
                           "hold at least 1, with an interval of 0 or more");
  EDGERT_ASSIGN_OR_RETURN(Descriptor socket, connect_to(wish.path));
  auto connection = std::make_shared<Connection>(wish, std::move(socket));
  const std::string where = connection->where();
  hello.most_held = static_cast<std::uint32_t>(wish.most_held);
  hello.min_interval = wish.min_interval;
  std::memcpy(hello.sensor, wish.sensor.data(), wish.sensor.size());
  send_message(connection->socket.get(), &hello, sizeof hello);
  if (!wait_readable(connection->socket.get(), deadline))
    return Status(Code::kDeadline, where, "the server does not answer", "wait longer");
  lease_wire::Any answer;
  std::size_t size = 0;
  Descriptor memory;
  const Received got =
      receive_message(connection->socket.get(), &answer, sizeof answer, size, &memory);
  if (got == Received::kMessage && answer.type == lease_wire::Type::kRefusal)
    return refusal_of(answer.refusal, where);
  if (got != Received::kMessage || answer.type != lease_wire::Type::kWelcome ||
      size != sizeof answer.welcome || !memory)
    return Status::unavailable(where, "the server ended the connection",
                               "look for its reason in its metrics");
  EDGERT_ASSIGN_OR_RETURN(
      connection->segment,
      Segment::attach(memory.detach(), answer.welcome.slot_bytes, answer.welcome.slots));
  return std::unique_ptr<ShareClient>(new ShareClient(std::move(connection)));
}

Result<ShareClient::Lease> ShareClient::next(Nanos deadline) {
  for (;;) {
    connection_->flush();
    lease_wire::Any message;
    std::size_t size = 0;
    switch (receive_message(connection_->socket.get(), &message, sizeof message, size)) {
      case Received::kNothing:
        if (!wait_readable(connection_->socket.get(), deadline))
          return Status(Code::kDeadline, connection_->where(), "no frame came in time",
                        "wait longer, or give frames back sooner");
        continue;
      case Received::kClosed:
        return Status::unavailable(connection_->where(), "the server went away",
                                   "connect again when it is back");
      case Received::kMessage:
        break;
    }
    if (message.type == lease_wire::Type::kEnd)
      return Status(Code::kCancelled, connection_->where(), "the sensor ended");
    if (message.type == lease_wire::Type::kGrant && size == sizeof message.grant)
      return take(&message.grant);
  }
}

Result<ShareClient::Lease> ShareClient::take(const void* message) {
  lease_wire::Grant grant;
  std::memcpy(&grant, message, sizeof grant);
  const Segment& segment = *connection_->segment;
  if (grant.slot >= segment.slots())
    return Status::internal(connection_->where(), "the server granted memory that isn't there");
  auto* hold =
      new Hold<Connection>{connection_, {lease_wire::Type::kRelease, grant.slot, grant.generation}};
  Lease lease{make_frame(), grant.slot, grant.generation, grant.refused};
  lease.frame->owner = wrap_buffer(segment.slot(grant.slot), segment.slot_bytes(), {}, hold,
                                   &Hold<Connection>::drop);
  if (!read_grant(grant, segment, *lease.frame))
    return Status::internal(connection_->where(), "the server granted a frame that makes no sense");
  return lease;
}

}  // namespace edgert
