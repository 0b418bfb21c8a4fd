// What the makers of transforms share: typed access to the formats of the inputs, bounds of
// outputs whose extents are known only at run time, and checks of what came at run time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edgert/transform/transform.h"

namespace edgert {

// A transform whose output specifications are fixed when it is made.
class SpecifiedTransform : public Transform {
 public:
  explicit SpecifiedTransform(std::vector<TensorSpec> outputs) : outputs_(std::move(outputs)) {}
  std::span<const TensorSpec> outputs() const final { return outputs_; }

 private:
  std::vector<TensorSpec> outputs_;
};

// Errors of making a transform leave out its name: make_transform() puts it in front.
// The error of a parameter that is wrong: "parameter 'NAME': …".
Status bad_parameter(std::string_view name, const std::string& what);

// That there are between `least` and `most` inputs.
Status expect_inputs(std::span<const InputFormat> inputs, std::size_t least, std::size_t most);

// The tensor input at `index`, with a known bound of its bytes.
Result<TensorSpec> tensor_input(std::span<const InputFormat> inputs, std::size_t index);
// The same, refused unless it has this dtype.
Result<TensorSpec> tensor_input(std::span<const InputFormat> inputs, std::size_t index,
                                DType dtype);
// The frame input at `index`, refused unless it is of this kind.
Result<FrameFormat> frame_input(std::span<const InputFormat> inputs, std::size_t index,
                                FrameKind kind);

// Elements at most in a tensor of this specification.
std::int64_t max_elements(const TensorSpec& spec);
// Rows (entries along the first axis) at most; the other extents must be known.
std::int64_t max_rows(const TensorSpec& spec);

// An output: bounded by its shape where that is static, else by `elements`. One that cannot hold
// anything is an error.
Result<TensorSpec> bounded_output(std::string name, DType dtype, const Shape& shape,
                                  std::int64_t elements);

// At run time: that a tensor came and fits `spec` (dtype, shape, bytes).
Status check_tensor(std::string_view where, const Input& input, const TensorSpec& spec);

// Whether work on so many elements takes only microseconds: moving or scaling them, or more
// costly arithmetic (exp, log) on each.
constexpr bool quick_move(std::int64_t elements) {
  return elements <= 16384;
}
constexpr bool quick_maths(std::int64_t elements) {
  return elements <= 1024;
}

// An axis of `rank`, counted from the end when negative.
Result<int> axis_parameter(const Params& params, std::string_view name, int fallback, int rank);

// Numbers, one for each of `columns`; a single one serves them all. Refused unless finite.
Result<std::vector<double>> columns_parameter(const Params& params, std::string_view name,
                                              double fallback, std::size_t columns);

// A shape seen around one axis: element (o, e, i) is at (o * extent + e) * inner + i.
struct AxisView {
  std::int64_t outer = 1, extent = 1, inner = 1;
};
AxisView around_axis(const Shape& shape, int axis);

}  // namespace edgert
