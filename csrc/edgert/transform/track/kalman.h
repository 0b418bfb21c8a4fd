// A box followed by a Kalman filter with constant velocity, whatever the time between frames.
//
// State and noise are ByteTrack's and DeepSORT's (FoundationVision/ByteTrack, kalman_filter.py):
// centre x, centre y, width over height and height, with their velocities; standard deviations of
// 1/20 of the height for places and 1/160 for velocities. There all is diagonal, so the filter of
// eight numbers is four filters of two, which is what is computed here. Their constants are meant
// a frame at 30 frames a second: time counts in ticks of 1/30 s, and k ticks give what k steps of
// one tick would (for a k that isn't whole, the same polynomials).
#pragma once

#include <array>

#include "edgert/transform/answer/candidate.h"

namespace edgert {

inline constexpr double kTicksPerSecond = 30;

// One number and its velocity a tick, with their covariance.
struct AxisFilter {
  double value = 0, velocity = 0;
  double vv = 0, vd = 0, dd = 0;  // variances of value and velocity, vd between them

  void start(double measured, double deviation, double velocity_deviation);
  void predict(double ticks, double deviation, double velocity_deviation);
  void correct(double measured, double deviation);
};

class BoxFilter {
 public:
  void start(const Box& box);
  void predict(double ticks);
  void correct(const Box& box);
  void stop_growing() { axes_[kHeight].velocity = 0; }

  Box box() const;
  // Of the centre, in pixels a second.
  double velocity_x() const { return axes_[kX].velocity * kTicksPerSecond; }
  double velocity_y() const { return axes_[kY].velocity * kTicksPerSecond; }

 private:
  enum Axis { kX, kY, kAspect, kHeight };
  std::array<AxisFilter, 4> axes_;
};

}  // namespace edgert
