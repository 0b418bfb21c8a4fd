// Which bytes of a row the neighbours of each output are, as loads of 16 bytes and shuffles.
//
// Fetching byte by byte takes several times as long. Serves where the processor shuffles and the
// pixels of a block lie close enough; else `loads` is 0.
#pragma once

#include <cstdint>

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

class PickTable {
 public:
  // Called twice, as Tables::take, for at most `pixels`.
  void take(Scratch& scratch, int pixels);

  // `pairs` of neighbouring pixels make `count`; of luma each has one sample, of chroma a near one
  // and a far one.
  void fill(const Component& component, const std::int32_t* pairs, int count);
  Picks picks() const { return {from_, near_, far_, loads_}; }
  bool serves() const { return loads_ > 0; }

 private:
  struct Pixel {
    int near, far;  // bytes
  };
  Pixel place(const Component& component, int pixel) const;
  bool fits(const Component& component, const std::int32_t* pairs, int count, int loads) const;
  void window(const Component& component, const std::int32_t* pairs, int count, int first);

  std::int32_t* from_ = nullptr;
  std::uint8_t* near_ = nullptr;
  std::uint8_t* far_ = nullptr;
  int loads_ = 0;
};

}  // namespace edgert::image
