// A client of a ShareServer, as the server's thread knows it: private to share_server*.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/lease/share_server.h"

namespace edgert {

inline constexpr int kNone = -1;   // of a client that did not subscribe yet
inline constexpr int kEnded = -2;  // of one whose sensor ended

struct ShareServer::Client {
  struct Lease {
    std::uint32_t slot;
    std::uint64_t generation;
  };
  Descriptor socket;
  int sensor = kNone;
  std::uint32_t most_held = 1, refused = 0;
  Nanos min_interval = 0, next = 0;
  std::vector<Lease> held;
};

}  // namespace edgert
