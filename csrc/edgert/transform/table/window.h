// The transform behind audio.window and table.window.
#pragma once

#include <memory>
#include <string_view>

#include "edgert/transform/tensor/spec.h"

namespace edgert {

struct WindowOptions {
  std::int64_t size = 0, hop = 0, pad = 0;  // rows, or samples
  double rate = 0;                          // Hz
  double span = 0;  // seconds from a window's begin to its end; 0: size / rate
};

// Reads `size`, `hop`, `rate`, `span` and `pad_start`, each checked. `fallback_rate`: of the
// source, or 0.
Result<WindowOptions> read_window_options(const Params& params, double fallback_rate);

// Windows over `rows`, [n] or [n, c]. Inputs: the rows and, when `framed`, the frame that they are
// of. A frame aligns the times (they count from the media time of the first frame after a start or
// a gap) and a gap resets the state; without one, times count from 0 and no gap is seen.
Result<std::unique_ptr<Transform>> make_window(std::string_view name, WindowOptions options,
                                               const TensorSpec& rows, bool framed);

}  // namespace edgert
