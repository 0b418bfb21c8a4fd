#include "edgert/transform/image/taps.h"

#include <algorithm>
#include <cmath>

namespace edgert::image {
namespace {

constexpr double kTie = 1.0 / 1024;  // of a pixel
// A pixel that is covered by less is left out. Where outputs and pixels end together, as at a
// whole number of pixels an output, rounding would add some of it.
constexpr double kAlmost = 1e-4;

// Weights of consecutive pixels or samples.
struct Run {
  int first = 0, count = 0;
  float* weight = nullptr;
};

bool averages(const Axis& axis, Filter filter) {
  return filter == Filter::kArea && axis.scale > 1;
}

// Each pixel by how much of it lies in an interval of `width` around `position`.
void area(double position, double width, int size, Run& run) {
  const double low = std::max(position - width / 2, 0.0);
  const double high = std::min(position + width / 2, static_cast<double>(size));
  run.first = std::min(static_cast<int>(low + kAlmost), size - 1);
  const int last = std::min(static_cast<int>(std::ceil(high - kAlmost)) - 1, size - 1);
  run.count = std::max(last - run.first + 1, 1);
  const auto part = static_cast<float>(1 / (high - low));
  for (int k = 0; k < run.count; ++k) run.weight[k] = part;
  run.weight[0] *= static_cast<float>(std::min(run.first + 1.0, high) - low);
  if (run.count > 1) run.weight[run.count - 1] *= static_cast<float>(high - last);
}

void filter_pixels(const Axis& axis, Filter filter, double position, Run& run) {
  if (filter == Filter::kNearest) {
    run.first = nearest_pixel(position, axis.size);
    run.count = 1;
    run.weight[0] = 1;
  } else {
    area(position, axis.scale, axis.size, run);
  }
}

// Rounds the running sum, so that the rounded weights add up to `one`.
void quantise(const Run& run, int one, int stride, std::uint16_t* weights) {
  float sum = 0;
  int done = 0;
  for (int k = 0; k < stride; ++k) {
    if (k < run.count) sum += run.weight[k];
    const int upto =
        k + 1 >= run.count ? one : static_cast<int>(sum * static_cast<float>(one) + 0.5f);
    weights[k] = static_cast<std::uint16_t>(std::clamp(upto - done, 0, one));
    done = std::max(done, upto);
  }
}

// The same as the general way, shorter: most tables are of this kind.
void fill_bilinear(const Axis& axis, int one, Inside range, Taps& taps) {
  const double edge = axis.size - 1;
  const int most = std::max(axis.size - 2, 0);
  for (int i = range.begin; i < range.end; ++i) {
    const double at = std::clamp(axis.scale * (i + 0.5) + axis.shift - 0.5, 0.0, edge);
    const int left = std::min(static_cast<int>(at), most);
    std::uint16_t* weights = taps.weights + static_cast<std::ptrdiff_t>(i) * taps.stride;
    for (int k = 1; k < taps.stride; ++k) weights[k] = 0;
    const int right = static_cast<int>((at - left) * one + 0.5);
    if (taps.stride > 1) weights[1] = static_cast<std::uint16_t>(right);
    weights[0] = static_cast<std::uint16_t>(one - right);
    taps.first[i] = left;
  }
  taps.low = taps.first[range.begin];
  taps.high = std::min(taps.first[range.end - 1] + 2, axis.size);
}

}  // namespace

int nearest_pixel(double position, int size) {
  return static_cast<int>(std::clamp(std::floor(position + kTie), 0.0, size - 1.0));
}

Inside inside(const Axis& axis) {
  // scale * (i + 0.5) + shift lies in [0, size).
  const auto bound = [&](double edge) {
    const double output = std::ceil((edge - axis.shift) / axis.scale - 0.5);
    return static_cast<int>(std::clamp(output, 0.0, static_cast<double>(axis.outputs)));
  };
  return {bound(0), bound(axis.size)};
}

int max_taps(const Axis& axis, Filter filter) {
  if (filter == Filter::kNearest) return 1;
  if (!averages(axis, filter)) return std::min(2, axis.size);
  const Inside range = inside(axis);
  int most = 1;
  for (int i = range.begin; i < range.end; ++i) {
    const double position = axis.scale * (i + 0.5) + axis.shift;
    const double low = std::max(position - axis.scale / 2, 0.0) + kAlmost;
    const double high = std::min(position + axis.scale / 2, static_cast<double>(axis.size));
    most = std::max(most, static_cast<int>(std::ceil(high - kAlmost)) - static_cast<int>(low));
  }
  return std::min(most, axis.size);
}

void fill_taps(const Axis& axis, Filter filter, int one, float* work, Taps& taps) {
  const Inside range = inside(axis);
  if (range.begin >= range.end) return;
  if (filter != Filter::kNearest && !averages(axis, filter)) {
    return fill_bilinear(axis, one, range, taps);
  }
  taps.high = 0;
  for (int i = range.begin; i < range.end; ++i) {
    Run run{0, 0, work};
    filter_pixels(axis, filter, axis.scale * (i + 0.5) + axis.shift, run);
    run.count = std::min(run.count, taps.stride);  // beyond it weights are zero
    if (i == range.begin) taps.low = run.first;
    taps.high = std::max(taps.high, run.first + run.count);
    taps.first[i] = run.first;
    quantise(run, one, taps.stride, taps.weights + static_cast<std::ptrdiff_t>(i) * taps.stride);
  }
}

}  // namespace edgert::image
