#include "edgert/transform/image/windows.h"

#include <cstring>

namespace edgert::image {
namespace {

constexpr int kTaps = 2;
constexpr int kGroup = 4;

// The places of the pairs of outputs [begin, end) of a group, in a load that starts at `from`.
void place_pairs(const std::int32_t* first, int begin, int end, std::int32_t from,
                 std::uint8_t* shuffle) {
  std::memset(shuffle, 0x80, 16);  // gives zero
  for (int i = begin; i < end; ++i) {
    const auto byte = static_cast<std::uint32_t>(2 * (first[i] - from));
    const std::uint32_t bytes = 0x03020100u + byte * 0x01010101u;
    std::memcpy(shuffle + 4 * i, &bytes, sizeof bytes);
  }
}

}  // namespace

int window_loads(const std::int32_t* first, int count) {
  int loads = 1;
  for (int i = 0; i < count; i += kGroup) {
    const std::int32_t* f = first + i;
    if (f[1] - f[0] > kWindowSamples - kTaps || f[3] - f[2] > kWindowSamples - kTaps) return 0;
    if (f[3] - f[0] > kWindowSamples - kTaps) loads = 2;
  }
  return loads;
}

void fill_windows(const std::int32_t* first, int count, int loads, Windows& windows) {
  std::int32_t* from = windows.first;
  std::uint8_t* shuffle = windows.shuffle;
  for (int i = 0; i < count; i += kGroup) {
    for (int load = 0; load < loads; ++load) {
      const int begin = load * kGroup / 2, end = loads == 1 ? kGroup : begin + kGroup / 2;
      *from = first[i + begin];
      place_pairs(first + i, begin, end, *from, shuffle);
      ++from;
      shuffle += 16;
    }
  }
}

}  // namespace edgert::image
