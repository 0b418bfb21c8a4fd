// Frames of another process's runtime, mapped and never copied.
//
// A frame's planes lie in the server's memory, read-only. When the frame's last holder lets go, on
// whatever thread, its lease goes back. Frames may outlive the client and even the server.
//
// Thread rule: next() from one thread.
#pragma once

#include <memory>
#include <string>

#include "edgert/lease/segment.h"
#include "edgert/memory/frame.h"

namespace edgert {

struct ShareWish {
  std::string path;  // of the server's socket
  std::string sensor;
  int most_held = 0;       // frames held at once, at most; more are refused, not waited for.
                           // 0: kHeldByDefault, or what the server allows if that is less
  Nanos min_interval = 0;  // between two frames, by their capture time
};

class ShareClient {
 public:
  static Result<std::unique_ptr<ShareClient>> connect(const ShareWish& wish,
                                                      Nanos deadline = kNever);
  ~ShareClient();

  struct Lease {
    FrameRef frame;
    std::uint32_t slot = 0;
    std::uint64_t generation = 0;
    std::int64_t refused = 0;  // frames since the last one that could not be lent
  };
  // The next frame. kDeadline: none came in time. kCancelled: the sensor ended. kUnavailable: the
  // server went away.
  Result<Lease> next(Nanos deadline = kNever);

  // The memory that frames lie in: a lease is alive while its slot's generation is its own.
  const std::shared_ptr<Segment>& segment() const;

 private:
  struct Connection;
  explicit ShareClient(std::shared_ptr<Connection> connection);
  Result<Lease> take(const void* message);
  std::shared_ptr<Connection> connection_;
};

}  // namespace edgert
