// What an axis-aligned map takes of a frame, which depends on the frame's format alone: the weights
// of pixels along both axes, and for YUV of bytes the picks of its columns.
#pragma once

#include "edgert/transform/geometry.h"
#include "edgert/transform/image/half_windows.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/picks.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/tables.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

class Sampling {
 public:
  Sampling(const View& view, const Affine& to_frame, const Options& options);

  // Called twice, as Tables::take.
  void take(Scratch& scratch);
  void fill(const Kernels& kernels, const View& view);

  const Axis& x() const { return x_; }
  const Axis& y() const { return y_; }
  // Outputs whose middle is in the frame.
  const Inside& columns() const { return columns_; }
  const Inside& rows() const { return rows_; }
  const Tables& tables() const { return tables_; }
  // Whether rows of colours hold two neighbours for each output and nothing else.
  bool pairs() const { return pairs_; }
  // Pixels of such a row, or of a frame's, at most.
  int row_pixels() const { return pairs_ ? 2 * x_.outputs : x_.size; }
  // Whether rows are averaged: an area that shrinks.
  bool averages() const { return filter_ == Filter::kArea && y_.scale > 1; }
  const YuvPicks& picks() const { return picks_; }
  const HalfTaps& halves() const { return halves_.taps(); }

 private:
  void choose_picks(const Kernels& kernels, const View& view);

  Filter filter_;
  bool gray_, bytes_;  // whether luma is enough; whether picks are needed
  int elements_;       // of a row that make a pixel
  Axis x_, y_;
  Inside columns_, rows_;
  bool pairs_;
  Tables tables_;
  PickTable luma_, chroma_;
  HalfWindows halves_;
  YuvPicks picks_{};
  float* work_ = nullptr;
};

}  // namespace edgert::image
