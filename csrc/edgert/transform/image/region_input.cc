#include "edgert/transform/image/region_input.h"

#include <cmath>

namespace edgert::image {

Result<Region> region_input(const Tensor& tensor) {
  if (tensor.dtype() != DType::kFloat32 || tensor.elements() != 5) {
    return Status::invalid("region", tensor.shape().text(),
                           "expected float32 5: cx, cy, width, height, angle");
  }
  const Region region = Region::from_tensor(tensor);
  const bool finite = std::isfinite(region.cx) && std::isfinite(region.cy) &&
                      std::isfinite(region.angle) && std::isfinite(region.width) &&
                      std::isfinite(region.height);
  if (!finite || region.width <= 0 || region.height <= 0) {
    return Status::invalid("region", "has no size", "width and height must be above 0 pixels");
  }
  return region;
}

}  // namespace edgert::image
