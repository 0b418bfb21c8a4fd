#include "edgert/transform/geometry.h"

#include <algorithm>
#include <cmath>

namespace edgert {

std::optional<Fit> fit_from_name(std::string_view name) {
  if (name == "stretch") return Fit::kStretch;
  if (name == "letterbox") return Fit::kLetterbox;
  if (name == "centre_crop") return Fit::kCentreCrop;
  return std::nullopt;
}

Region Region::whole(int frame_width, int frame_height) {
  const auto width = static_cast<float>(frame_width), height = static_cast<float>(frame_height);
  return {width / 2, height / 2, width, height, 0};
}

Region Region::from_tensor(const Tensor& tensor) {
  const float* v = tensor.data<const float>();
  return {v[0], v[1], v[2], v[3], v[4]};
}

Affine input_to_frame(const Region& region, Fit fit, int input_width, int input_height) {
  const auto width = static_cast<float>(input_width), height = static_cast<float>(input_height);
  float sx = region.width / width, sy = region.height / height;  // frame pixels an input pixel
  if (fit == Fit::kLetterbox) sx = sy = std::max(sx, sy);
  if (fit == Fit::kCentreCrop) sx = sy = std::min(sx, sy);
  if (region.angle == 0) {
    return {sx, 0, region.cx - sx * width / 2, 0, sy, region.cy - sy * height / 2};
  }
  const float cosine = std::cos(region.angle), sine = std::sin(region.angle);
  Affine m{sx * cosine, -sy * sine, 0, sx * sine, sy * cosine, 0};
  m.c = region.cx - (m.a * width + m.b * height) / 2;
  m.f = region.cy - (m.d * width + m.e * height) / 2;
  return m;
}

}  // namespace edgert
