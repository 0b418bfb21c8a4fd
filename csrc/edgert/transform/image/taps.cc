#include "edgert/transform/image/taps.h"

#include <algorithm>
#include <cmath>

namespace edgert::image {
namespace {

constexpr double kTie = 1.0 / 1024;  // of a pixel

// Weights of consecutive pixels or samples.
struct Run {
  int first = 0, count = 0;
  float* weight = nullptr;
};

bool averages(const Axis& axis, Filter filter) {
  return filter == Filter::kArea && axis.scale > 1;
}

int pixel_taps(const Axis& axis, Filter filter) {
  if (filter == Filter::kNearest) return 1;
  const double span = averages(axis, filter) ? std::ceil(axis.scale) + 1 : 2;
  return static_cast<int>(std::min(span, static_cast<double>(axis.size)));
}

void bilinear(double position, int size, Run& run) {
  const double index = std::clamp(position - 0.5, 0.0, static_cast<double>(size - 1));
  run.first = std::min(static_cast<int>(index), std::max(size - 2, 0));
  run.count = std::min(size, 2);
  run.weight[1] = static_cast<float>(index - run.first);
  run.weight[0] = 1 - run.weight[1];
}

// Each pixel by how much of it lies in an interval of `width` around `position`.
void area(double position, double width, int size, Run& run) {
  const double low = std::max(position - width / 2, 0.0);
  const double high = std::min(position + width / 2, static_cast<double>(size));
  run.first = std::min(static_cast<int>(low), size - 1);
  const int last = std::min(static_cast<int>(std::ceil(high)) - 1, size - 1);
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
  } else if (averages(axis, filter)) {
    area(position, axis.scale, axis.size, run);
  } else {
    bilinear(position, axis.size, run);
  }
}

// Where a pixel lies between samples: the left one and the weight of the right one.
struct Between {
  int left;
  float right_weight;
};

Between between(const Sampling& sampling, int pixel) {
  const double at = std::clamp((pixel - sampling.origin) / 2, 0.0, sampling.samples - 1.0);
  const int left = std::min(static_cast<int>(at), std::max(sampling.samples - 2, 0));
  return {left, static_cast<float>(at - left)};
}

void split_pixels(const Sampling& sampling, const Run& pixels, Run& samples) {
  samples.first = between(sampling, pixels.first).left;
  samples.count = 0;
  for (int k = 0; k < pixels.count; ++k) {
    const auto [left, right_weight] = between(sampling, pixels.first + k);
    const int at = left - samples.first;
    for (; samples.count < at + 2; ++samples.count) samples.weight[samples.count] = 0;
    samples.weight[at] += pixels.weight[k] * (1 - right_weight);
    samples.weight[at + 1] += pixels.weight[k] * right_weight;
  }
  samples.count = std::min(samples.count, sampling.samples - samples.first);
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

// Whether two samples around a place make it up, weighed by how near it is to each.
bool two_around(const Axis& axis, Filter filter, const Sampling& sampling) {
  return filter != Filter::kNearest && !averages(axis, filter) &&
         (!sampling.half || sampling.origin == 0);
}

// The same as the general way, shorter: most tables are of this kind.
void fill_two_around(const Axis& axis, const Sampling& sampling, int one, Inside range,
                     Taps& taps) {
  const double step = sampling.half ? 0.5 : 1, edge = axis.size - 1, last = sampling.samples - 1;
  const int most = std::max(sampling.samples - 2, 0);
  for (int i = range.begin; i < range.end; ++i) {
    const double index = axis.scale * (i + 0.5) + axis.shift - 0.5;
    const double at = std::min(std::clamp(index, 0.0, edge) * step, last);
    const int left = std::min(static_cast<int>(at), most);
    std::uint16_t* weights = taps.weights + static_cast<std::ptrdiff_t>(i) * taps.stride;
    for (int k = 1; k < taps.stride; ++k) weights[k] = 0;
    const int right = static_cast<int>((at - left) * one + 0.5);
    if (taps.stride > 1) weights[1] = static_cast<std::uint16_t>(right);
    weights[0] = static_cast<std::uint16_t>(one - right);
    taps.first[i] = left;
  }
  taps.low = taps.first[range.begin];
  taps.high = std::min(taps.first[range.end - 1] + 2, sampling.samples);
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

int max_taps(const Axis& axis, Filter filter, const Sampling& sampling) {
  const int pixels = pixel_taps(axis, filter);
  if (!sampling.half) return pixels;
  // Two neighbours of which one coincides with a sample, or one alone, lie between two samples.
  if (pixels == 1 || (pixels == 2 && sampling.origin == 0)) return 2;
  return (pixels + 1) / 2 + 2;
}

void fill_taps(const Axis& axis, Filter filter, const Sampling& sampling, int one, float* work,
               Taps& taps) {
  const Inside range = inside(axis);
  if (range.begin >= range.end) return;
  if (two_around(axis, filter, sampling)) return fill_two_around(axis, sampling, one, range, taps);
  Run samples{0, 0, work};
  Run pixels{0, 0, work + taps.stride + 2};
  taps.high = 0;
  for (int i = range.begin; i < range.end; ++i) {
    Run& run = sampling.half ? pixels : samples;
    filter_pixels(axis, filter, axis.scale * (i + 0.5) + axis.shift, run);
    if (sampling.half) split_pixels(sampling, pixels, samples);
    samples.count = std::min(samples.count, taps.stride);  // beyond it weights are zero
    if (i == range.begin) taps.low = samples.first;
    taps.high = std::max(taps.high, samples.first + samples.count);
    taps.first[i] = samples.first;
    quantise(samples, one, taps.stride,
             taps.weights + static_cast<std::ptrdiff_t>(i) * taps.stride);
  }
}

}  // namespace edgert::image
