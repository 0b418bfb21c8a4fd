#include "edgert/plan/ledger.h"

#include <algorithm>

namespace edgert {
namespace {

// A tenth of a second's frames may come at once, or one; device time may run ahead as long.
constexpr Nanos kBurst = kSecond / 10;

bool same_limits(const ApplicationSpec& a, const ApplicationSpec& b) {
  return a.rate_limit == b.rate_limit && a.queue_limit == b.queue_limit &&
         a.device_share == b.device_share && a.device_shares == b.device_shares &&
         a.weight == b.weight;
}

double share_of(const ApplicationSpec& application, const std::string& device) {
  const auto own = std::ranges::find(application.device_shares, device, &DeviceShare::device);
  return own == application.device_shares.end() ? application.device_share : own->share;
}

}  // namespace

Account::Account(const ApplicationSpec& application, const std::vector<DeviceLedger>& devices)
    : spec(application) {
  if (application.rate_limit > 0) {
    const double period = 1e9 / application.rate_limit;
    const auto burst = std::max(0.0, static_cast<double>(kBurst) - period);
    rate = std::make_unique<Pace>(period, static_cast<Nanos>(burst));
  }
  for (const DeviceLedger& one : devices) {
    const double share = share_of(application, one.name);
    const bool limited = share > 0 && share < 1;
    shares.push_back(limited ? std::make_unique<Pace>(1 / (share * one.lanes), kBurst) : nullptr);
  }
}

bool Account::allows(std::uint32_t on, Nanos time) const {
  for (std::size_t i = 0; i < shares.size(); ++i)
    if ((on >> i & 1) != 0 && shares[i] && !shares[i]->allows(time)) return false;
  return true;
}

Ledger::Ledger(const std::vector<ApplicationSpec>& applications,
               std::vector<DeviceLedger> its_devices)
    : devices(std::move(its_devices)) {
  for (const ApplicationSpec& application : applications)
    accounts.push_back(std::make_shared<Account>(application, devices));
}

void Account::follow(const Account& before) {
  device.add(before.device.value());
  cache_hits.add(before.cache_hits.value());
  cache_waits.add(before.cache_waits.value());
  cache_misses.add(before.cache_misses.value());
  cache_saved.add(before.cache_saved.value());
}

void Ledger::follow(const Ledger& before) {
  for (std::size_t i = 0; i < std::min(devices.size(), before.devices.size()); ++i)
    devices[i].backlog = before.devices[i].backlog;
  for (std::size_t i = 0; i < before.accounts.size(); ++i) {
    if (same_limits(accounts[i]->spec, before.accounts[i]->spec))
      accounts[i] = before.accounts[i];
    else
      accounts[i]->follow(*before.accounts[i]);
  }
}

}  // namespace edgert
