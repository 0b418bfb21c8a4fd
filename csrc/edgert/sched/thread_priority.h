// How urgent the kernel takes a thread to be. Each answers whether that was permitted.
#pragma once

#include <thread>

namespace edgert {

// Above all ordinary threads (SCHED_FIFO, lowest priority; needs CAP_SYS_NICE or RLIMIT_RTPRIO).
// For a thread that sleeps nearly always and does little when awake.
bool raise_thread(std::thread& thread);

// This thread, below others by that many steps of niceness. Always permitted.
bool nice_this_thread(int steps);

}  // namespace edgert
