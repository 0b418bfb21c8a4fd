#include "edgert/plan/ledger.h"

#include <algorithm>

namespace edgert {
namespace {

// A tenth of a second's frames may come at once, or one; device time may run ahead as long.
constexpr Nanos kBurst = kSecond / 10;

bool same_limits(const ApplicationSpec& a, const ApplicationSpec& b) {
  return a.rate_limit == b.rate_limit && a.queue_limit == b.queue_limit &&
         a.device_share == b.device_share && a.weight == b.weight;
}

}  // namespace

Account::Account(const ApplicationSpec& application, int lanes) : spec(application) {
  if (application.rate_limit > 0) {
    const double period = 1e9 / application.rate_limit;
    const auto burst = std::max(0.0, static_cast<double>(kBurst) - period);
    rate = std::make_unique<Pace>(period, static_cast<Nanos>(burst));
  }
  if (application.device_share > 0 && application.device_share < 1)
    share = std::make_unique<Pace>(1 / (application.device_share * lanes), kBurst);
}

Ledger::Ledger(const std::vector<ApplicationSpec>& applications, int lanes_used)
    : lanes(lanes_used) {
  for (const ApplicationSpec& application : applications)
    accounts.push_back(std::make_shared<Account>(application, lanes));
}

void Account::follow(const Account& before) {
  device.add(before.device.value());
  cache_hits.add(before.cache_hits.value());
  cache_waits.add(before.cache_waits.value());
  cache_misses.add(before.cache_misses.value());
  cache_saved.add(before.cache_saved.value());
}

void Ledger::follow(const Ledger& before) {
  backlog = before.backlog;
  for (std::size_t i = 0; i < before.accounts.size(); ++i) {
    if (same_limits(accounts[i]->spec, before.accounts[i]->spec))
      accounts[i] = before.accounts[i];
    else
      accounts[i]->follow(*before.accounts[i]);
  }
}

}  // namespace edgert
