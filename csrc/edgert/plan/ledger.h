// What applications have used, and what they may use.
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

// One application's. Shared work counts in equal shares for those who want it.
struct Account {
  Account(const ApplicationSpec& application, int lanes);

  const ApplicationSpec spec;
  Counter device;                     // ns of lanes
  Counter waiting;                    // frames that its pipelines were not answered for
  std::unique_ptr<Pace> rate, share;  // null: no limit
  // Of the request cache: how often it was asked for a node, and the time that it saved (ns).
  Counter cache_hits, cache_waits, cache_misses, cache_saved;

  // Goes on counting where `before` is.
  void follow(const Account& before);
  void ran(Nanos ended, Nanos took) {
    device.add(took);
    if (share) share->spend(ended, static_cast<double>(took));
  }
};

struct Ledger {
  Ledger() = default;
  Ledger(const std::vector<ApplicationSpec>& applications, int lanes_used);

  // Goes on with the accounts and the backlog of the plan before. The first applications must be
  // those of that plan, by name.
  void follow(const Ledger& before);

  std::vector<std::shared_ptr<Account>> accounts;  // as the plan's applications
  std::shared_ptr<Backlog> backlog = std::make_shared<Backlog>();
  int lanes = 1;
};

}  // namespace edgert
