// The makers of the tensor family; docs/operations.md says what each takes and gives.
#pragma once

#include "edgert/transform/transform.h"

namespace edgert::tensor_ops {

using Made = Result<std::unique_ptr<Transform>>;
using Formats = std::span<const InputFormat>;

Made make_reshape(const Params& params, Formats inputs);
Made make_transpose(const Params& params, Formats inputs);
Made make_cast(const Params& params, Formats inputs);
Made make_dequantize(const Params& params, Formats inputs);
Made make_slice(const Params& params, Formats inputs);
Made make_concat(const Params& params, Formats inputs);
Made make_softmax(const Params& params, Formats inputs);
Made make_sigmoid(const Params& params, Formats inputs);
Made make_reduce(const Params& params, Formats inputs);
Made make_threshold(const Params& params, Formats inputs);

}  // namespace edgert::tensor_ops
