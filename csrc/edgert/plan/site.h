// Where executions of a node wait and run, and of a model that may run on several devices, which of
// these it is sent to.
//
// A model that its document places on several devices is loaded on each, and each of its nodes has
// a site for each. An execution gets its site when it is dispatched and keeps it until it is
// settled; so moving a model changes nothing for what waits or runs already.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/plan/node_times.h"

namespace edgert {

struct ModelHost;

// Where a site's queue is (Site::queue): the lanes, those apart, or a device of the plan, numbered
// from kFirstDevice.
inline constexpr int kLanes = 0, kAside = 1, kFirstDevice = 2;
inline constexpr int kProcessor = -1;  // among the devices of a plan

// Its device's number in the ledger.
inline std::size_t device_of(int queue) {
  return queue < kFirstDevice ? 0 : static_cast<std::size_t>(queue - kFirstDevice + 1);
}
inline int queue_on(int device) {
  return device == kProcessor ? kLanes : kFirstDevice + device;
}

// What ran at one of several sites.
struct SiteRecord {
  Counter executed;
  Histogram run, queue;  // ns
  NodeTimes times;
};

struct Site {
  int queue = kLanes;
  std::uint32_t group = 0;             // of the queue, once it is seated
  ModelHost* model = nullptr;          // of a model: what is loaded there
  int batch_class = -1;                // works of one class may run as one; -1: alone
  std::shared_ptr<SiteRecord> record;  // where there are several; an equal node of a plan that
                                       // follows goes on with it
};

// Where a model's executions are sent, of several sites. Plans that follow each other and have the
// model on the same devices share one.
// Thread rule: any thread. Progress: wait-free. Relaxed: nothing is published with it, as all sites
// stay loaded as long as a plan has them. Who reads it stale sends one more execution to where the
// model was, which serves as well.
class Whereabouts {
 public:
  static constexpr int kSoonest = -1;  // each execution where it is expected to end first

  int now() const { return now_.load(std::memory_order_relaxed); }
  void move(int site) { now_.store(site, std::memory_order_relaxed); }

 private:
  std::atomic<int> now_{0};
};

}  // namespace edgert
