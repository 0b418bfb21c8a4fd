// The region of an image operation, as it comes at run time.
#pragma once

#include "edgert/base/status.h"
#include "edgert/memory/tensor.h"
#include "edgert/transform/geometry.h"

namespace edgert::image {

// Refuses what is not float32 5, not finite, or without a size.
Result<Region> region_input(const Tensor& tensor);

}  // namespace edgert::image
