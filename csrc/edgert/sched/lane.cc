#include "edgert/sched/lane.h"

namespace edgert {

std::byte* Lane::scratch(std::size_t bytes) {
  if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes + bytes / 2);
  return scratch_ ? scratch_->data() : nullptr;
}

}  // namespace edgert
