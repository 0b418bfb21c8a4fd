// The operation image.motion: how much of a picture differs from what was there before.
//
// Each cell of a grid keeps a running mean of its brightness, with a time constant in media time,
// so that the answer hardly depends on how often frames come. A change of all cells alike (a
// lamp, a camera's exposure) is no motion: the median difference is taken off first.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "edgert/transform/image/motion_grid.h"
#include "edgert/transform/transform.h"

namespace edgert {
namespace {

using image::luma_cells;

constexpr int kMostCells = 1024;  // along an axis

struct MotionOptions {
  int columns = 64, rows = 36;
  float threshold = 12;  // levels of 0..255
  double memory = 1e9;   // time constant, ns
  std::size_t cells() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
};

class Motion final : public Transform {
 public:
  explicit Motion(const MotionOptions& options)
      : options_(options), background_(options.cells()), cells_(options.cells()) {
    spec_[0] = {"motion", DType::kFloat32, Shape{1}, 0};
  }

  std::span<const TensorSpec> outputs() const override { return spec_; }
  bool stateful() const override { return true; }
  void reset() override { known_ = false; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    const Frame& frame = *inputs[0].frame;
    EDGERT_RETURN_IF_ERROR(luma_cells(frame, options_.columns, options_.rows, cells_));
    EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_[0].shape));
    if (!continues(frame)) known_ = false;
    float* scratch = reinterpret_cast<float*>(context.scratch(cells_.size() * sizeof(float)));
    context.output(0).data<float>()[0] = known_ ? changed(scratch) : 0.0F;
    learn(frame);
    return {};
  }

 private:
  bool continues(const Frame& frame) const {
    return frame.image == format_ && frame.media_time >= last_;
  }

  // The share of the cells that differ, 0..1.
  float changed(float* differences) const {
    const std::size_t count = cells_.size();
    for (std::size_t i = 0; i < count; ++i) differences[i] = cells_[i] - background_[i];
    float* middle = differences + count / 2;
    std::nth_element(differences, middle, differences + count);
    const float common = *middle;
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i)
      found += std::abs(cells_[i] - background_[i] - common) > options_.threshold;
    return static_cast<float>(found) / static_cast<float>(count);
  }

  void learn(const Frame& frame) {
    const auto passed = static_cast<double>(frame.media_time - last_);
    const auto weight = known_ ? static_cast<float>(1 - std::exp(-passed / options_.memory)) : 1.0F;
    for (std::size_t i = 0; i < cells_.size(); ++i)
      background_[i] += weight * (cells_[i] - background_[i]);
    format_ = frame.image;
    last_ = frame.media_time;
    known_ = true;
  }

  MotionOptions options_;
  std::array<TensorSpec, 1> spec_;
  std::vector<float> background_, cells_;
  ImageFormat format_;
  Nanos last_ = 0;
  bool known_ = false;
};

Result<MotionOptions> parse(const Params& params) {
  EDGERT_RETURN_IF_ERROR(params.only({"columns", "rows", "threshold", "memory_ms"}));
  MotionOptions options;
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t columns, params.integer("columns", options.columns));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t rows, params.integer("rows", options.rows));
  EDGERT_ASSIGN_OR_RETURN(const double threshold, params.real("threshold", 12));
  EDGERT_ASSIGN_OR_RETURN(const double memory, params.real("memory_ms", 1000));
  if (columns < 1 || rows < 1 || columns > kMostCells || rows > kMostCells)
    return Status::invalid("columns, rows", "out of range", "they must be 1 to 1024");
  if (!(threshold > 0 && threshold < 256))
    return Status::invalid("threshold", "out of range", "it must be above 0 and below 256 levels");
  if (!(memory > 0 && memory <= 1e9))
    return Status::invalid("memory_ms", "out of range", "it must be above 0");
  options.columns = static_cast<int>(columns);
  options.rows = static_cast<int>(rows);
  options.threshold = static_cast<float>(threshold);
  options.memory = memory * kMillisecond;
  return options;
}

Result<std::unique_ptr<Transform>> make_motion(const Params& params,
                                               std::span<const InputFormat> inputs) {
  if (inputs.size() != 1 || !inputs[0].frame || inputs[0].frame->kind != FrameKind::kImage)
    return Status::invalid("inputs", "not one image", "give the frame of a camera or a video");
  EDGERT_ASSIGN_OR_RETURN(const MotionOptions options, parse(params));
  return std::unique_ptr<Transform>(new Motion(options));
}

// The operation image.cells: what a picture looks like, in few numbers; without state.
class Cells final : public Transform {
 public:
  Cells(int columns, int rows) : columns_(columns), rows_(rows) {
    spec_[0] = {"cells", DType::kFloat32, Shape{rows, columns}, 0};
  }
  std::span<const TensorSpec> outputs() const override { return spec_; }
  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_[0].shape));
    return luma_cells(
        *inputs[0].frame, columns_, rows_,
        {context.output(0).data<float>(), static_cast<std::size_t>(spec_[0].shape.elements())});
  }

 private:
  int columns_, rows_;
  std::array<TensorSpec, 1> spec_;
};

Result<std::unique_ptr<Transform>> make_cells(const Params& params,
                                              std::span<const InputFormat> inputs) {
  if (inputs.size() != 1 || !inputs[0].frame || inputs[0].frame->kind != FrameKind::kImage)
    return Status::invalid("inputs", "not one image", "give the frame of a camera or a video");
  EDGERT_RETURN_IF_ERROR(params.only({"columns", "rows"}));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t columns, params.integer("columns", 64));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t rows, params.integer("rows", 36));
  if (columns < 1 || rows < 1 || columns > kMostCells || rows > kMostCells)
    return Status::invalid("columns, rows", "out of range", "they must be 1 to 1024");
  return std::unique_ptr<Transform>(new Cells(static_cast<int>(columns), static_cast<int>(rows)));
}

constexpr TransformEntry kEntries[] = {{"image.motion", make_motion}, {"image.cells", make_cells}};

}  // namespace

std::span<const TransformEntry> motion_transforms() {
  return kEntries;
}

}  // namespace edgert
