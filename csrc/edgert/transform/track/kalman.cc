#include "edgert/transform/track/kalman.h"

#include <algorithm>

namespace edgert {
namespace {

constexpr double kPlace = 1.0 / 20, kSpeed = 1.0 / 160;  // of the height
constexpr double kAspectPlace = 1e-2, kAspectSpeed = 1e-5, kAspectSeen = 1e-1;
constexpr double kLeastHeight = 1e-3;  // pixels; what is smaller has no noise to speak of

constexpr double squared(double x) {
  return x * x;
}

std::array<double, 4> measured(const Box& box) {
  const double width = double{box.x1} - box.x0, height = double{box.y1} - box.y0;
  return {box.x0 + width / 2, box.y0 + height / 2, width / height, height};
}

}  // namespace

void AxisFilter::start(double seen, double deviation, double velocity_deviation) {
  *this = {seen, 0, squared(deviation), 0, squared(velocity_deviation)};
}

void AxisFilter::predict(double k, double deviation, double velocity_deviation) {
  const double place = squared(deviation), speed = squared(velocity_deviation);
  value += velocity * k;
  // Sums over k steps of x += v with noise `place` on x and `speed` on v.
  vv += k * (2 * vd + k * dd) + k * place + speed * (k - 1) * k * (2 * k - 1) / 6;
  vd += k * dd + speed * k * (k - 1) / 2;
  dd += k * speed;
}

void AxisFilter::correct(double seen, double deviation) {
  const double whole = vv + squared(deviation);
  const double gain = vv / whole, velocity_gain = vd / whole;
  const double off = seen - value;
  value += gain * off;
  velocity += velocity_gain * off;
  dd -= velocity_gain * vd;
  vd -= gain * vd;
  vv -= gain * vv;
}

void BoxFilter::start(const Box& box) {
  const auto seen = measured(box);
  const double h = seen[kHeight];
  for (const Axis axis : {kX, kY, kHeight}) {
    axes_[axis].start(seen[axis], 2 * kPlace * h, 10 * kSpeed * h);
  }
  axes_[kAspect].start(seen[kAspect], kAspectPlace, kAspectSpeed);
}

void BoxFilter::predict(double ticks) {
  const double h = std::max(axes_[kHeight].value, kLeastHeight);
  for (const Axis axis : {kX, kY, kHeight}) axes_[axis].predict(ticks, kPlace * h, kSpeed * h);
  axes_[kAspect].predict(ticks, kAspectPlace, kAspectSpeed);
}

void BoxFilter::correct(const Box& box) {
  const auto seen = measured(box);
  const double h = std::max(axes_[kHeight].value, kLeastHeight);
  for (const Axis axis : {kX, kY, kHeight}) axes_[axis].correct(seen[axis], kPlace * h);
  axes_[kAspect].correct(seen[kAspect], kAspectSeen);
}

Box BoxFilter::box() const {
  const double h = std::max(axes_[kHeight].value, kLeastHeight);
  const double w = std::max(axes_[kAspect].value * h, kLeastHeight);
  const double x = axes_[kX].value - w / 2, y = axes_[kY].value - h / 2;
  return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + w),
          static_cast<float>(y + h)};
}

}  // namespace edgert
