#include "edgert/transform/image/writer.h"

#include <algorithm>
#include <cstring>

#include "edgert/memory/dtype.h"

namespace edgert::image {
namespace {

// Repeats a pattern by copying what is there already, doubling.
void repeat(std::byte* to, const std::byte* pattern, std::size_t size, std::size_t count) {
  const std::size_t total = size * count;
  if (total == 0) return;
  std::memcpy(to, pattern, size);
  for (std::size_t done = size; done < total; done *= 2) {
    std::memcpy(to + done, to, std::min(done, total - done));
  }
}

// Rows in the order in which a tensor has its channels.
FinishRows ordered(const FinishRows& rows, const int* component) {
  FinishRows found = rows;
  for (int k = 0; k < 3; ++k) {
    found.floats[k] = rows.floats[component[k]];
    found.upper[k] = rows.upper[component[k]];
    found.lower[k] = rows.lower[component[k]];
  }
  return found;
}

}  // namespace

Writer::Writer(const Kernels& kernels, const Options& options, const Plan& plan, std::byte* out)
    : kernels_(kernels),
      plan_(plan),
      out_(out),
      width_(options.width),
      height_(options.height),
      planes_(plan.finish.interleaved ? 1 : plan.finish.channels),
      pixel_size_(dtype_size(options.dtype) *
                  static_cast<std::size_t>(plan.finish.interleaved ? plan.finish.channels : 1)) {
  encode_pad(options.pad);
}

void Writer::encode_pad(double pad) {
  Finish plain = plan_.finish;
  plain.colour = Finish::Colour::kPass;
  plain.gain = 1;
  const float row[kSlack] = {static_cast<float>(pad)};
  const FinishRows rows{{row, row, row}, {}, {}, 0, nullptr};
  void* out[3] = {pad_[0], pad_[1], pad_[2]};
  kernels_.finish(plain, rows, 1, out);
}

inline std::byte* Writer::place(int y, int x, int channel) const {
  const std::ptrdiff_t pixel = (static_cast<std::ptrdiff_t>(channel) * height_ + y) * width_ + x;
  return out_ + pixel * static_cast<std::ptrdiff_t>(pixel_size_);
}

void Writer::fill(int y, int begin, int end) const {
  if (begin >= end) return;
  for (int c = 0; c < planes_; ++c) {
    repeat(place(y, begin, c), pad_[c], pixel_size_, static_cast<std::size_t>(end - begin));
  }
}

void Writer::row(int y, int begin, int end, const FinishRows& rows) const {
  if (begin >= end) return padding(y);
  fill(y, 0, begin);
  void* out[3] = {};
  for (int c = 0; c < planes_; ++c) out[c] = place(y, begin, c);
  kernels_.finish(plan_.finish, ordered(rows, plan_.component), end - begin, out);
  fill(y, end, width_);
}

Writers::Writers(const Kernels& kernels, const View& view, std::span<const Options> tensors,
                 double unit, RunContext& context) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const int output = static_cast<int>(i);
    if (!context.wanted(output)) continue;
    writers_[count_++].emplace(kernels, tensors[i], plan_colours(view, tensors[i], unit),
                               context.output(output).bytes_data());
  }
}

}  // namespace edgert::image
