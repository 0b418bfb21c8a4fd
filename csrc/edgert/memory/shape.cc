#include "edgert/memory/shape.h"

namespace edgert {

std::string Shape::text() const {
  if (rank_ == 0) return "scalar";
  std::string out;
  for (std::int64_t dim : dims())
    out += (out.empty() ? "" : "×") + (dim < 0 ? std::string("?") : std::to_string(dim));
  return out;
}

}  // namespace edgert
