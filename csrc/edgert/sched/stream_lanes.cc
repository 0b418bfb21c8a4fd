#include "edgert/sched/stream_lanes.h"

#include <pthread.h>

#include <algorithm>

namespace edgert {

StreamLanes::StreamLanes(Queues& queues, StreamDevice& device, Runner& runner, bool as_threads)
    : queues_(queues),
      device_(device),
      runner_(runner),
      as_threads_(as_threads),
      loads_(static_cast<std::size_t>(device.streams())) {
  for (int i = 0; i < device.streams() * device.in_flight(); ++i) {
    slots_.push_back(std::make_unique<Slot>());
    unused_.push_back(slots_.back().get());
  }
  device_.tell([](void* wakeup) { static_cast<Wakeup*>(wakeup)->poke(); }, &queues_.wakeup());
}

void StreamLanes::start(const std::string& name) {
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void StreamLanes::stop() {
  if (!thread_.joinable()) return;
  queues_.wakeup().stop();
  thread_.join();
}

bool StreamLanes::step() {
  bool any = false;
  while (complete_one()) any = true;
  return feed() || any;
}

bool StreamLanes::complete_one() {
  Completion completion;
  if (!device_.take(completion)) return false;
  Slot& slot = *static_cast<Slot*>(completion.run);
  Lane& lane = *queues_.lanes()[static_cast<std::size_t>(slot.stream)];
  const Drawn drawn = slot.drawn;
  runner_.complete(drawn.first, slot, completion, lane);
  --loads_[static_cast<std::size_t>(slot.stream)];
  --in_flight_;
  unused_.push_back(&slot);
  queues_.give_back(drawn);
  if (!as_threads_ && !queues_.wakeup().stopping()) feed();
  queues_.settle(drawn, lane);
  return true;
}

bool StreamLanes::feed() {
  bool any = false;
  while (free() && feed_one()) any = true;
  return any;
}

bool StreamLanes::feed_one() {
  Drawn drawn;
  const auto least = std::ranges::min_element(loads_);
  // A place behind what runs is no reason to leave it work that one run could do together.
  const auto idle = static_cast<int>(std::ranges::count(loads_, 0));
  queues_.set_idle_streams(*least == 0 ? idle - 1 : 0);
  if (!queues_.draw(drawn)) return false;
  const auto stream = static_cast<std::size_t>(least - loads_.begin());
  Lane& lane = *queues_.lanes()[stream];
  Slot& slot = *unused_.back();
  if (runner_.prepare(drawn.first, drawn.instance, slot)) {
    slot.drawn = drawn;
    slot.stream = static_cast<int>(stream);
    Status status = device_.enqueue(slot.stream, slot);
    if (status.ok()) {
      unused_.pop_back();
      ++*least;
      ++in_flight_;
      return true;
    }
    Completion failed{&slot, std::move(status), 0, 0};
    runner_.complete(drawn.first, slot, failed, lane);
  }
  queues_.give_back(drawn);
  queues_.settle(drawn, lane);
  return true;
}

void StreamLanes::loop() {
  Wakeup& wakeup = queues_.wakeup();
  const auto completed = [this] { return device_.ready(); };
  while (!wakeup.stopping()) {
    if (step()) continue;
    if (!free())
      wakeup.rest([&] { return wakeup.stopping() || completed(); });
    else if (!wakeup.search())
      wakeup.sleep(completed);
  }
  device_.hurry();
  while (in_flight_ > 0)
    if (!complete_one()) wakeup.rest(completed);
  device_.settle();
}

}  // namespace edgert
