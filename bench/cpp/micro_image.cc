// Times image.to_tensor: frames of two sizes to the inputs that models have. One thread.
//   micro_image --benchmark_filter=yuv420p
#include <benchmark/benchmark.h>

#include <vector>

#include "edgert/transform/geometry.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/view.h"

namespace {

using namespace edgert;
using namespace edgert::image;

// Keeps its memory between runs, as an executor does.
class Steady final : public RunContext {
 public:
  explicit Steady(Tensor tensor) : tensor_(std::move(tensor)) {}
  Status allocate(int, const Shape&) override { return {}; }
  Tensor& output(int) override { return tensor_; }
  std::byte* scratch(std::size_t bytes) override {
    if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes);
    return scratch_->data();
  }

 private:
  Tensor tensor_;
  BufferRef scratch_;
};

struct Source {
  FrameRef frame = make_frame();
  std::vector<std::uint8_t> memory;

  Source(PixelFormat pixel, int width, int height) {
    memory.resize(static_cast<std::size_t>(width) * height * 3);
    for (std::size_t i = 0; i < memory.size(); ++i) {
      memory[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
    }
    const bool packed = pixel == PixelFormat::kRgb24;
    const std::uint8_t* luma = memory.data();
    const std::uint8_t* u = luma + static_cast<std::ptrdiff_t>(width) * height;
    const std::uint8_t* v = u + static_cast<std::ptrdiff_t>(width) * height / 4;
    frame->image = {pixel, width, height};
    frame->plane_count = packed ? 1 : 3;
    frame->planes[0] = {luma, packed ? 3 * width : width, width, height};
    frame->planes[1] = {u, width / 2, width / 2, height / 2};
    frame->planes[2] = {v, width / 2, width / 2, height / 2};
  }
};

// Arguments: frame width, frame height, input side.
void to_tensor(benchmark::State& state, PixelFormat pixel, Filter filter, Layout layout,
               float angle) {
  const int width = static_cast<int>(state.range(0)), height = static_cast<int>(state.range(1));
  const Source source(pixel, width, height);
  Options options;
  options.width = options.height = static_cast<int>(state.range(2));
  options.filter = filter;
  options.layout = layout;
  options.scale.fill(1 / 255.0);
  Region region = Region::whole(width, height);
  region.angle = angle;
  Steady context(allocate_tensor(options.dtype, options.shape()));
  for (auto _ : state) {
    const auto view = view_of(*source.frame);
    const Affine m = input_to_frame(region, options.fit, options.width, options.height);
    resample(best_kernels(), *view, m, {&options, 1}, context);
    benchmark::ClobberMemory();
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMicrosecond);
  for (const auto& [width, height] : {std::pair{1280, 720}, {1920, 1080}}) {
    for (const int side : {128, 192, 224, 256, 300, 640}) benchmark->Args({width, height, side});
  }
}

constexpr auto kYuv = PixelFormat::kYuv420p;
constexpr auto kRgb = PixelFormat::kRgb24;
BENCHMARK_CAPTURE(to_tensor, yuv420p_nhwc, kYuv, Filter::kBilinear, Layout::kNhwc, 0)->Apply(sizes);
BENCHMARK_CAPTURE(to_tensor, yuv420p_nchw, kYuv, Filter::kBilinear, Layout::kNchw, 0)->Apply(sizes);
BENCHMARK_CAPTURE(to_tensor, yuv420p_area, kYuv, Filter::kArea, Layout::kNhwc, 0)->Apply(sizes);
BENCHMARK_CAPTURE(to_tensor, yuv420p_turned, kYuv, Filter::kBilinear, Layout::kNhwc, 0.3f)
    ->Apply(sizes);
BENCHMARK_CAPTURE(to_tensor, rgb24_nhwc, kRgb, Filter::kBilinear, Layout::kNhwc, 0)->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();
