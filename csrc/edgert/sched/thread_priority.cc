#include "edgert/sched/thread_priority.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace edgert {

bool raise_thread(std::thread& thread) {
  sched_param parameters{};
  parameters.sched_priority = sched_get_priority_min(SCHED_FIFO);
  int policy = SCHED_FIFO;
#ifdef SCHED_RESET_ON_FORK
  policy |= SCHED_RESET_ON_FORK;  // what it may start is ordinary
#endif
  return pthread_setschedparam(thread.native_handle(), policy, &parameters) == 0;
}

bool nice_this_thread(int steps) {
  // On Linux niceness is a thread's own.
  const auto self = static_cast<id_t>(syscall(SYS_gettid));
  return setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + steps) == 0;
}

}  // namespace edgert
