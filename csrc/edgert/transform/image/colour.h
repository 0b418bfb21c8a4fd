// From a frame's components to a tensor's channels.
#pragma once

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

// Luma and colour-difference samples to pixels: R = y + r_v v, G = y + g_u u + g_v v, B = y + b_u
// u, where y = gain Y + bias, and u, v are U - 128, V - 128. From ITU-R BT.601 and BT.709, sections
// on the derivation and quantisation of Y, CB and CR; full range as JFIF has it.
struct YuvMatrix {
  double gain, bias, r_v, g_u, g_v, b_u;
};
YuvMatrix yuv_matrix(ColourRange range, ColourMatrix matrix);

// The weights of R, G and B in a gray pixel: BT.601's, as is usual for RGB images.
inline constexpr double kGrayWeights[3] = {0.299, 0.587, 0.114};

// The same for the kernels: in fixed point, and for samples of 0..255. Gray needs luma alone.
ColourMatrix16 fixed_matrix(const View& view, bool gray);
ByteMatrix byte_matrix(const View& view, bool gray);
ColourMatrixF float_matrix(const View& view, bool gray);
// Of colours alone; dense_unit: what its colours hold pixels times.
DenseMatrix dense_matrix(const View& view);
double dense_unit(const View& view);

// A finish and which rows it takes, in order: of R, G and B, or the one that there is. Rows hold
// pixels times `unit`. A gray tensor of a YUV frame needs its luma alone; of one input, a colour
// tensor takes it for each channel.
struct Plan {
  Finish finish;
  int inputs = 1;
  int component[3] = {0, 0, 0};
};
Plan plan_colours(const View& view, const Options& options, double unit);

}  // namespace edgert::image
