// table.resample: rows of any times to a regular grid.
#include <algorithm>
#include <cmath>

#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/table/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::table_ops {
namespace {

constexpr std::string_view kName = "table.resample";

enum class Between { kLinear, kNearest, kPrevious };

struct Grid {
  double rate = 0, from_rate = 0;  // Hz; from_rate 0: each row has its own time
  std::int64_t time = -1;          // the column of times in seconds, or -1
  double longest_gap = 0;          // seconds; 0: any
  Between between = Between::kLinear;
};

// Grid point j lies at the first row's time + j / rate. It comes out with the first row at or
// behind it. Rows whose time does not grow are passed over.
class Resample final : public SpecifiedTransform {
 public:
  Resample(TensorSpec input, const Grid& grid, std::int64_t most, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        grid_(grid),
        columns_(input_.shape[1]),
        most_(most),
        before_(static_cast<std::size_t>(columns_)) {}
  bool stateful() const override { return true; }
  bool cheap() const override { return quick_move(most_ * columns_); }
  void reset() override {
    restart();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    const Frame& frame = *inputs[1].frame;
    if (continuity_.broken_by(frame)) restart();
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& rows = *inputs[0].tensor;
    const std::int64_t width = outputs()[0].shape[1];
    EDGERT_RETURN_IF_ERROR(context.allocate(0, {most_, width}));
    float* out = context.output(0).data<float>();
    std::int64_t written = 0;
    for (std::int64_t i = 0; i < rows.shape()[0]; ++i)
      take(rows.data<const float>() + i * columns_, frame, i, out, width, written);
    context.output(0).set_shape({written, width});
    return {};
  }

 private:
  void restart() { started_ = false; }

  double time_of(const float* row, const Frame& frame, std::int64_t index) const {
    if (grid_.time >= 0) return double{row[grid_.time]};
    const double begin = static_cast<double>(frame.media_time) / static_cast<double>(kSecond);
    return grid_.from_rate > 0 ? begin + static_cast<double>(index) / grid_.from_rate : begin;
  }

  void begin_at(double time) {
    origin_ = time;
    next_ = 0;
    started_ = true;
  }

  void take(const float* row, const Frame& frame, std::int64_t index, float* out,
            std::int64_t width, std::int64_t& written) {
    const double time = time_of(row, frame, index);
    if (!std::isfinite(time) || (started_ && time <= time_)) return;
    const bool first = !started_ || (grid_.longest_gap > 0 && time - time_ > grid_.longest_gap);
    if (first) begin_at(time);
    const double before = first ? time : time_;
    // A row a little beside a point is on it: j / rate and the row's time are rounded differently,
    // a column's to float32.
    const double slack = (grid_.time >= 0 ? 2.4e-7 : 1e-9) * std::max(1.0, std::abs(time));
    for (; written < most_; ++next_, ++written) {
      const double at = origin_ + static_cast<double>(next_) / grid_.rate;
      if (at > time + slack) break;
      const bool there = first || time - at <= slack;
      const double share = there ? 1 : (at - before) / (time - before);
      write(row, weight(share), out + written * width);
    }
    // What one chunk may not give any more is passed over, as after a gap.
    if (origin_ + static_cast<double>(next_) / grid_.rate <= time)
      next_ = static_cast<std::int64_t>(std::floor((time - origin_) * grid_.rate)) + 1;
    std::copy_n(row, columns_, before_.begin());
    time_ = time;
  }

  // Of the later row, for a point that lies so far on the way to it.
  double weight(double share) const {
    if (grid_.between == Between::kLinear) return share;
    return share >= (grid_.between == Between::kNearest ? 0.5 : 1) ? 1 : 0;
  }

  void write(const float* row, double share, float* out) const {
    for (std::int64_t i = 0; i < columns_; ++i) {
      if (i == grid_.time) continue;
      const double from = double{before_[static_cast<std::size_t>(i)]};
      *out++ = share >= 1 ? row[i] : static_cast<float>(from + share * (double{row[i]} - from));
    }
  }

  TensorSpec input_;
  Grid grid_;
  std::int64_t columns_, most_;
  std::vector<float> before_;  // the row before
  double time_ = 0, origin_ = 0;
  std::int64_t next_ = 0;
  bool started_ = false;
  Continuity continuity_;
};

Result<Grid> read_grid(const Params& params, const TableFormat& table) {
  Grid grid;
  EDGERT_ASSIGN_OR_RETURN(grid.rate, params.real("rate", 0));
  if (!(grid.rate > 0) || !std::isfinite(grid.rate))
    return bad_parameter("rate", "must be above 0, and given");
  grid.from_rate = table.rate;
  EDGERT_ASSIGN_OR_RETURN(grid.longest_gap, params.real("longest_gap", 0));
  if (!(grid.longest_gap >= 0)) return bad_parameter("longest_gap", "must be at least 0 seconds");
  EDGERT_ASSIGN_OR_RETURN(const std::string method, params.text("method", "linear"));
  if (method != "linear" && method != "nearest" && method != "previous")
    return bad_parameter("method", "'" + method + "' is none of linear, nearest, previous");
  grid.between = method == "nearest"    ? Between::kNearest
                 : method == "previous" ? Between::kPrevious
                                        : Between::kLinear;
  EDGERT_ASSIGN_OR_RETURN(grid.time, params.integer("time", -1));
  if (grid.time < 0 && table.rate <= 0 && table.max_rows > 1)
    return bad_parameter("time",
                         "must name the column of times where several rows come at once and "
                         "have no rate; or push one row at a time");
  return grid;
}

}  // namespace

Made make_resample(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"rate", "time", "longest_gap", "method", "most"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 2, 2));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  EDGERT_ASSIGN_OR_RETURN(const FrameFormat frame, frame_input(inputs, 1, FrameKind::kTable));
  if (input.shape.rank() != 2 || input.shape[1] < 1)
    return Status::invalid("input 0", "expected rows [n, c], is " + input.text());
  EDGERT_ASSIGN_OR_RETURN(const Grid grid, read_grid(params, frame.table));
  const std::int64_t width = input.shape[1] - (grid.time >= 0 ? 1 : 0);
  if (grid.time >= input.shape[1] || width < 1)
    return bad_parameter("time", "must be one of several columns");
  // Rows of a known rate give so many; those with times of their own may be a few seconds apart.
  double seconds =
      frame.table.rate > 0 ? static_cast<double>(max_rows(input) + 1) / frame.table.rate : 0;
  if (frame.table.rate <= 0 || grid.time >= 0) seconds = std::max(10.0, 4 * seconds);
  EDGERT_ASSIGN_OR_RETURN(
      const std::int64_t most,
      params.integer("most", static_cast<std::int64_t>(std::ceil(seconds * grid.rate)) + 2));
  if (most < 1 || most > (1 << 20)) return bad_parameter("most", "must be 1 to 1048576 rows");
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("rows", DType::kFloat32, {-1, width}, most * width));
  return std::unique_ptr<Transform>(
      std::make_unique<Resample>(input, grid, most, std::move(output)));
}

}  // namespace edgert::table_ops
