// Frames lent to other processes: a thread that answers at a local socket.
//
// Frames come by offer(), from the threads that push them: while nobody listens that costs one
// look. What the server lends stays untouched until every client gave it back, or its connection
// ended: a killed client's leases come back by the kernel closing its socket. A frame that can't
// be lent (no free slot, a client that holds all it may, one that doesn't read) is refused to that
// client and counted; nobody waits for anybody.
//
// Thread rule: offer() and snapshot() from any thread; all else belongs to the server's thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/lease/placement.h"
#include "edgert/lease/socket.h"
#include "edgert/metrics/snapshot.h"
#include "edgert/queue/ring.h"

namespace edgert {

struct ShareOptions {
  std::string path;              // of the socket; empty: nothing is shared
  std::size_t slot_bytes = 0;    // of the largest frame that can be lent
  std::uint32_t slots = 16;      // frames that are lent at once, at most
  std::uint32_t most_held = 16;  // by one client
};

class ShareServer {
 public:
  static Result<std::unique_ptr<ShareServer>> create(const ShareOptions& options,
                                                     std::vector<std::string> sensors);
  ~ShareServer();

  // Lends the frame to whoever wants this sensor's. Never blocks.
  void offer(std::size_t sensor, const FrameRef& frame);
  void finish(std::size_t sensor);  // no more frames will come

  // Memory that sources may fill, so that lending copies nothing.
  LeasePool& pool() { return *pool_; }
  ShareSnapshot snapshot() const;

 private:
  struct Client;
  struct Offered {
    FrameRef frame;  // null: the sensor ended
    std::size_t sensor = 0;
  };
  struct Lent {
    BufferRef keeper;
    std::uint32_t holders = 0;
  };

  ShareServer(ShareOptions options, std::vector<std::string> sensors);
  void loop();
  void wake();
  void accept_client();
  bool serve(Client& client);  // false: it goes
  bool subscribe(Client& client, const lease_wire::Subscribe& wish);
  bool refuse(Client& client, const Status& why);
  bool take_back(Client& client, std::uint32_t slot, std::uint64_t generation);
  void give_back(std::uint32_t slot);
  void dismiss(Client& client);
  void lend(const Offered& offered);
  bool grant(Client& client, const Placement& placement);
  void end(std::size_t sensor);

  ShareOptions options_;
  std::vector<std::string> sensors_;
  std::unique_ptr<std::atomic<int>[]> listeners_;  // by sensor
  std::unique_ptr<std::atomic<bool>[]> ended_;     // by sensor
  std::unique_ptr<LeasePool> pool_;
  Descriptor listener_, bell_;
  Ring<Offered> offers_{64};
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Lent> lent_;  // by slot
  std::atomic<bool> stopping_{false};
  std::atomic<int> client_count_{0}, held_{0};
  Counter granted_, copied_bytes_, reclaimed_, misbehaved_;
  Counter no_slot_, too_large_, holds_all_, not_reading_, behind_;
  std::thread thread_;
};

}  // namespace edgert
