#include "edgert/transform/image/sampling.h"

#include <algorithm>

namespace edgert::image {
namespace {

// Converting each output's two neighbours takes less than converting all pixels from here on.
constexpr double kPairsFrom = 2.0;
// Those that take less come first.
constexpr PickMode kModes[] = {{1, true}, {2, true}, {4, true}, {1, false}, {2, false}, {4, false}};

}  // namespace

Sampling::Sampling(const View& view, const Affine& m, const Options& options)
    : filter_(options.filter),
      gray_(options.colour == Colour::kGray),
      bytes_(view.yuv() && !view.wide()),
      elements_(view.packing == Packing::kPacked3 ? 3 : 1),
      x_{m.a, m.c, view.width(), options.width},
      y_{m.e, m.f, view.height(), options.height},
      columns_(inside(x_)),
      rows_(inside(y_)),
      pairs_(view.yuv() && filter_ == Filter::kBilinear && x_.scale >= kPairsFrom &&
             view.width() > 2) {}

void Sampling::take(Scratch& scratch) {
  tables_.take(scratch, x_, y_, filter_, pairs_);
  work_ = scratch.take<float>(array_size(work_floats(tables_.widest())));
  if (!bytes_) return;
  if (averages()) halves_.take(scratch, x_.outputs, tables_.columns.stride);
  luma_.take(scratch, row_pixels());
  chroma_.take(scratch, row_pixels());
}

void Sampling::fill(const Kernels& kernels, const View& view) {
  tables_.fill(kernels, x_, y_, filter_, elements_, work_);
  if (!bytes_ || columns_.begin >= columns_.end) return;
  choose_picks(kernels, view);
  if (averages() && kernels.horizontal_halves) halves_.fill(tables_, columns_);
}

void Sampling::choose_picks(const Kernels& kernels, const View& view) {
  const PickedPixels pixels{tables_.pairs(), tables_.columns.low, tables_.row_pixels()};
  luma_.describe(view.component[0], pixels);
  if (!gray_) chroma_.describe(view.component[1], pixels);
  for (const PickMode& mode : kModes) {
    const bool last = !mode.wide && mode.loads == kMostLoads;
    if ((mode.wide != kernels.wide_picks && !last) || !luma_.fits(mode)) continue;
    PickMode chroma{mode.wide == kernels.wide_picks ? 1 : kMostLoads, mode.wide};
    while (!gray_ && chroma.loads < mode.loads && !chroma_.fits(chroma)) chroma.loads *= 2;
    if (!gray_ && !chroma_.fits(chroma)) continue;
    luma_.fill(mode);
    if (!gray_) chroma_.fill(chroma);
    break;
  }
  picks_ = {luma_.picks(), gray_ ? Picks{} : chroma_.picks()};
}

}  // namespace edgert::image
