#include "edgert/transform/table/window.h"

#include <cmath>

#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/table/row_ring.h"

namespace edgert {
namespace {

class Window final : public SpecifiedTransform {
 public:
  Window(std::string_view name, WindowOptions options, RowRing rows, TensorSpec input, bool framed,
         std::vector<TensorSpec> outputs)
      : SpecifiedTransform(std::move(outputs)),
        name_(name),
        options_(options),
        rows_(std::move(rows)),
        input_(std::move(input)),
        framed_(framed) {}

  bool stateful() const override { return true; }
  bool cheap() const override { return true; }
  void reset() override {
    restart();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(name_, inputs[0], input_));
    if (framed_) align(*inputs[1].frame);
    const Tensor& chunk = *inputs[0].tensor;
    const std::int64_t rows = chunk.shape()[0];
    const std::int64_t windows = rows_.completed_by(rows);
    Status status = context.allocate(1, {windows, 2});
    if (status.ok() && rows_.full(rows)) status = next_block(context);
    if (!status.ok()) {
      restart();  // this chunk is lost: what comes does not continue what is kept
      return status;
    }
    write_times(context.output(1).data<double>(), windows);
    Tensor& output = context.output(0) = rows_.push(chunk.data<const float>(), rows);
    Shape shape = outputs()[0].shape;
    shape[0] = windows;
    output.set_shape(shape);
    return {};
  }

 private:
  Status next_block(RunContext& context) {
    Shape shape = outputs()[0].shape;
    shape[0] = rows_.block_rows() / options_.size;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    rows_.use(context.output(0));
    return {};
  }

  void restart() {
    rows_.reset();
    anchored_ = false;
  }

  void align(const Frame& frame) {
    if (continuity_.broken_by(frame)) restart();
    if (anchored_) return;
    anchored_ = true;
    origin_ = static_cast<double>(frame.media_time) / static_cast<double>(kSecond);
  }

  void write_times(double* times, std::int64_t windows) const {
    for (std::int64_t i = 0; i < windows; ++i) {
      const std::int64_t start = rows_.next_start() + i * options_.hop;
      times[2 * i] = origin_ + static_cast<double>(start) / options_.rate;
      times[2 * i + 1] = options_.span > 0
                             ? times[2 * i] + options_.span
                             : origin_ + static_cast<double>(start + options_.size) / options_.rate;
    }
  }

  std::string_view name_;
  WindowOptions options_;
  RowRing rows_;
  TensorSpec input_;
  bool framed_;
  Continuity continuity_;
  double origin_ = 0;  // media time of the first row after the padding
  bool anchored_ = false;
};

constexpr std::int64_t kMaxRows = std::int64_t{1} << 30;

}  // namespace

Result<WindowOptions> read_window_options(const Params& params, double fallback_rate) {
  WindowOptions options;
  EDGERT_ASSIGN_OR_RETURN(options.size, params.integer("size", 0));
  EDGERT_ASSIGN_OR_RETURN(options.hop, params.integer("hop", options.size));
  EDGERT_ASSIGN_OR_RETURN(options.pad, params.integer("pad_start", 0));
  EDGERT_ASSIGN_OR_RETURN(options.rate, params.real("rate", fallback_rate));
  if (options.size < 1 || options.size > kMaxRows) {
    return bad_parameter("size", "must be at least 1, and given");
  }
  if (options.hop < 1 || options.hop > kMaxRows) {
    return bad_parameter("hop", "must be at least 1");
  }
  if (options.pad < 0 || options.pad >= options.size) {
    return bad_parameter("pad_start", "must be at least 0 and below size");
  }
  if (!(options.rate > 0) || !std::isfinite(options.rate)) {
    return bad_parameter("rate", "must be above 0, and given");
  }
  EDGERT_ASSIGN_OR_RETURN(options.span, params.real("span", 0));
  if (!(options.span >= 0) || !std::isfinite(options.span)) {
    return bad_parameter("span", "must be at least 0 seconds");
  }
  return options;
}

Result<std::unique_ptr<Transform>> make_window(std::string_view name, WindowOptions options,
                                               const TensorSpec& rows, bool framed) {
  const std::int64_t width = rows.shape.rank() == 2 ? rows.shape[1] : 1;
  if (width < 1) return Status::invalid("input 0", "unknown columns: " + rows.text());
  const std::int64_t chunk = max_rows(rows);
  RowRing ring(options.size, options.hop, options.pad, width, chunk);
  Shape shape = {-1, options.size};
  if (rows.shape.rank() == 2) shape = {-1, options.size, width};
  EDGERT_ASSIGN_OR_RETURN(TensorSpec windows, bounded_output("windows", DType::kFloat32, shape,
                                                             ring.block_rows() * width));
  EDGERT_ASSIGN_OR_RETURN(TensorSpec times,
                          bounded_output("times", DType::kFloat64, {-1, 2},
                                         (chunk + options.hop - 1) / options.hop * 2));
  return std::unique_ptr<Transform>(
      std::make_unique<Window>(name, options, std::move(ring), rows, framed,
                               std::vector<TensorSpec>{std::move(windows), std::move(times)}));
}

}  // namespace edgert
