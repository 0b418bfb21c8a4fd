#include "edgert/plan/ledger.h"

#include <algorithm>

namespace edgert {
namespace {

// A tenth of a second's frames may come at once, or one; device time may run ahead as long.
constexpr Nanos kBurst = kSecond / 10;

}  // namespace

Account::Account(const ApplicationSpec& application, int lanes) : spec(&application) {
  if (application.rate_limit > 0) {
    const double period = 1e9 / application.rate_limit;
    rate = std::make_unique<Pace>(period, std::max<Nanos>(0, kBurst - static_cast<Nanos>(period)));
  }
  if (application.device_share > 0 && application.device_share < 1)
    share = std::make_unique<Pace>(1 / (application.device_share * lanes), kBurst);
}

Ledger::Ledger(const std::vector<ApplicationSpec>& applications, int lanes_used)
    : lanes(lanes_used) {
  for (const ApplicationSpec& application : applications)
    accounts.push_back(std::make_unique<Account>(application, lanes));
}

}  // namespace edgert
