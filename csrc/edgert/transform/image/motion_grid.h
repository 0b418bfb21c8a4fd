// The mean brightness of the cells of a grid over a picture: what motion is looked for in.
#pragma once

#include <span>

#include "edgert/base/status.h"
#include "edgert/memory/frame.h"

namespace edgert::image {

// Cells of `columns` × `rows`, row by row, in levels of 0..255. A few rows of pixels stand for each
// cell. YUV gives its luma; of RGB it is (2R + 5G + B) / 8, near BT.601's 0.299, 0.587, 0.114.
// Refuses what is no image, or has fewer pixels than cells along an axis.
Status luma_cells(const Frame& frame, int columns, int rows, std::span<float> cells);

}  // namespace edgert::image
