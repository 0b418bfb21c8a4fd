// The inner loops of the audio family, one table for each instruction set that was compiled in.
//
// Spectra are computed for eight signals at once: value l of each row of eight belongs to signal l,
// so every operation is on one vector and needs no shuffling. Pointers need no alignment but that
// of float.
#pragma once

#include <cstdint>

namespace edgert::sound {

inline constexpr int kLanes = 8;

// Turns of one index of a radix-4 stage: e^(-i angle).
struct Turns {
  float re1, im1, re2, im2, re3, im3;
};

// Of a real transform of 2 × half points, a power of two.
struct FftTables {
  int half;
  const std::uint16_t* order;  // [half]: the row of sample pair i
  const Turns* turns;          // stage after stage
  const float *cosine, *sine;  // of 2 pi k / (2 half), k = 0..half / 2
};

// One filter over neighbouring rows of a spectrum.
struct Band {
  int first, rows, weights;  // `weights`: where its weights begin
};

// Of the signal dealt out to planes: which of a plane's values a group sees, and from where on in
// the weights theirs are.
struct FirPlane {
  int begin, count, weights;
};

// A filter whose groups of `up` outputs are `down` inputs long.
struct FirBank {
  std::int64_t up, down;   // up: 1..4
  const FirPlane* planes;  // [down]
  const float* weights;    // of each plane [count][up]
};

inline constexpr int kFirGroups = 16;

struct Kernels {
  const char* name;
  // The sum of a[i] b[i]; `count` is a multiple of 8.
  float (*dot)(const float* a, const float* b, std::int64_t count);
  // planes[d size + i] = from[i step + d], and zeros from `count` on.
  void (*split)(const float* from, std::int64_t count, std::int64_t step, float* planes,
                std::int64_t size);
  // out[p groups + g] = output p of group g, which sees planes[d size + g + begin..]. `groups` is
  // a multiple of kFirGroups.
  void (*fir)(const FirBank& bank, const float* planes, std::int64_t size, std::int64_t groups,
              float* out);
  // out[j - first] = planes[j % up size + j / up], j = first..first + count.
  void (*merge)(const float* planes, std::int64_t size, std::int64_t up, std::int64_t first,
                std::int64_t count, float* out);
  // Windows eight signals and puts them where fft() wants them: `real` and `imaginary` have `half`
  // rows. `pairs` × 2 values are of the window, the rest are zeros.
  void (*load)(const FftTables& tables, const float* const* signals, const float* window, int pairs,
               float* real, float* imaginary);
  // In place: the complex transform of what load() wrote.
  void (*fft)(const FftTables& tables, float* real, float* imaginary);
  // From fft()'s rows to half + 1 rows of |X|², or of |X|.
  void (*power)(const FftTables& tables, const float* real, const float* imaginary, bool root,
                float* out);
  // From fft()'s rows to half + 1 rows of Re X and of Im X.
  void (*spectrum)(const FftTables& tables, const float* real, const float* imaginary, float* re,
                   float* im);
  // bands[i] = the weighed sum of its rows.
  void (*filter)(const Band* bands, int count, const float* weights, const float* rows, float* out);
  // factor × ln(max(value + offset, floor)) of each; `floor` is positive and normal.
  void (*logs)(float* values, std::int64_t count, float offset, float floor, float factor);
};

// Those that this processor runs, the best one last.
struct KernelList {
  const Kernels* kernels[3];
  int count;
};
KernelList available_kernels();
const Kernels& best_kernels();

extern const Kernels kBaselineKernels;
extern const Kernels kAvx2Kernels, kAvx512Kernels;  // on x86 only

}  // namespace edgert::sound
