// Shorthand for tests of transforms: making them, refusals, frames and streams.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "edgert/transform/test_context.h"

namespace edgert::testing {

inline std::unique_ptr<Transform> make(std::string_view name, const Params& params,
                                       const std::vector<InputFormat>& inputs) {
  auto made = make_transform(name, params, inputs);
  EXPECT_TRUE(made.ok()) << made.status().message();
  return made.ok() ? std::move(made).value() : nullptr;
}

// The message with which a transform is refused; empty when it is made.
inline std::string refusal(std::string_view name, const Params& params,
                           const std::vector<InputFormat>& inputs) {
  const auto made = make_transform(name, params, inputs);
  return made.ok() ? "" : made.status().message();
}

template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  std::vector<T> values;
  const bool apart = !tensor.contiguous();  // windows that overlap
  for (std::int64_t i = 0; i < (apart ? tensor.shape()[0] : 1); ++i) {
    const Tensor part = apart ? tensor.row(i) : tensor;
    const T* data = part.data<const T>();
    values.insert(values.end(), data, data + part.elements());
  }
  return values;
}

inline TensorSpec spec_of(const Shape& shape, DType dtype = DType::kFloat32,
                          std::size_t max_bytes = 0) {
  return {"input", dtype, shape, max_bytes};
}

inline std::vector<float> noise(std::size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random()) * 0x1p-31F - 1;
  return values;
}

// Lengths of chunks, some of them 0, that add up to `total`.
inline std::vector<std::int64_t> cuts(std::int64_t total, std::int64_t longest, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> lengths;
  while (total > 0) {
    lengths.push_back(std::min<std::int64_t>(random() % static_cast<unsigned>(longest + 1), total));
    total -= lengths.back();
  }
  return lengths;
}

// The `sequence`-th frame of a microphone; `samples` are interleaved.
template <class T>
FrameRef audio_frame(const AudioFormat& format, const std::vector<T>& samples,
                     std::uint64_t sequence = 0, Nanos media_time = 0) {
  FrameRef frame = make_frame();
  frame->kind = FrameKind::kAudio;
  frame->audio = format;
  const auto count = static_cast<std::int64_t>(samples.size()) / format.channels;
  frame->samples = tensor_of(format.dtype, {count, format.channels}, samples);
  frame->sequence = sequence;
  frame->media_time = media_time;
  return frame;
}

inline FrameFormat audio_format(int rate, int channels, DType dtype, int max_chunk) {
  FrameFormat format;
  format.kind = FrameKind::kAudio;
  format.audio = {rate, channels, dtype, max_chunk};
  return format;
}

}  // namespace edgert::testing
