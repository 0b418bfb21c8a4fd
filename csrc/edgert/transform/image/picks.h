// Which bytes of a row the pixels of a converted row are made of, as loads of windows and shuffles.
//
// Fetching byte by byte takes several times as long.
#pragma once

#include <cstdint>

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

// The pixels of a converted row: `pairs` of a pixel and its right neighbour, or (null) those from
// `low` on.
struct PickedPixels {
  const std::int32_t* pairs;
  int low, count;
  int at(int lane) const {  // beyond the last one, that
    const int i = lane < count ? lane : count - 1;
    return pairs ? pairs[i / 2] + i % 2 : low + i;
  }
};

// Bytes that a row of the component has, from its first sample on. Windows need kPickWindow.
inline int row_bytes(const Component& c) {
  return (c.width - 1) * c.step + 1;
}

inline constexpr int kMostLoads = 4;

// How windows are used; kernels.h says of what size they are.
struct PickMode {
  int loads;
  bool wide;
};

class PickTable {
 public:
  // Called twice, as Tables::take, for at most `pixels`.
  void take(Scratch& scratch, int pixels);
  void describe(const Component& component, const PickedPixels& pixels);
  // Whether windows so used reach all that lanes need. Narrow ones of four loads always do.
  bool fits(PickMode mode) const;
  void fill(PickMode mode);
  const Picks& picks() const { return picks_; }

 private:
  struct Pixel {
    int near, far;  // bytes
  };
  Pixel place(int lane) const;
  void fill_narrow(int loads, int first);
  void fill_wide(int loads, int first);

  Component component_;
  int bytes_ = 0;
  PickedPixels pixels_{};
  std::int32_t* from_ = nullptr;
  std::uint8_t* order_ = nullptr;
  Picks picks_{};
};

}  // namespace edgert::image
