// The makers of the table family; docs/operations.md says what each takes and gives.
#pragma once

#include "edgert/transform/transform.h"

namespace edgert::table_ops {

using Made = Result<std::unique_ptr<Transform>>;
using Formats = std::span<const InputFormat>;

Made make_select(const Params& params, Formats inputs);
Made make_window(const Params& params, Formats inputs);
Made make_resample(const Params& params, Formats inputs);
Made make_scale(const Params& params, Formats inputs);
Made make_magnitude(const Params& params, Formats inputs);
Made make_difference(const Params& params, Formats inputs);

}  // namespace edgert::table_ops
