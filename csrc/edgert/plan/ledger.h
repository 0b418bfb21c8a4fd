// What applications have used, and what they may use, of each device. Devices are numbered: 0 is
// the processor, from 1 on follow those of the plan.
//
// Thread rule: any thread.
#pragma once

#include <memory>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/plan/spec.h"
#include "edgert/sched/backlog.h"
#include "edgert/sched/pace.h"

namespace edgert {

// What work waits for: the processor's lanes, or a device's streams.
struct DeviceLedger {
  DeviceLedger(std::string its_name, int its_lanes) : name(std::move(its_name)), lanes(its_lanes) {}

  std::string name;
  int lanes;
  std::shared_ptr<Backlog> backlog = std::make_shared<Backlog>();
};

// One application's. Shared work counts in equal shares for those who want it.
struct Account {
  Account(const ApplicationSpec& application, const std::vector<DeviceLedger>& devices);

  const ApplicationSpec spec;
  Counter device;                             // ns of lanes and streams
  Counter waiting;                            // frames that its pipelines were not answered for
  std::unique_ptr<Pace> rate;                 // null: no limit
  std::vector<std::unique_ptr<Pace>> shares;  // by device; null: no limit
  // Of the request cache: how often it was asked for a node, and the time that it saved (ns).
  Counter cache_hits, cache_waits, cache_misses, cache_saved;

  // Goes on counting where `before` is.
  void follow(const Account& before);
  void ran(std::size_t on, Nanos ended, Nanos took) {
    device.add(took);
    if (Pace* share = shares[on].get()) share->spend(ended, static_cast<double>(took));
  }
  // Whether it may use more of each of these devices (a bit each) now.
  bool allows(std::uint32_t on, Nanos time) const;
};

struct Ledger {
  Ledger() = default;
  Ledger(const std::vector<ApplicationSpec>& applications, std::vector<DeviceLedger> its_devices);

  // Goes on with the accounts and the backlogs of the plan before. The first applications must be
  // those of that plan, by name.
  void follow(const Ledger& before);

  std::vector<std::shared_ptr<Account>> accounts;  // as the plan's applications
  std::vector<DeviceLedger> devices;
};

}  // namespace edgert
