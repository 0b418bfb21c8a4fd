// The inner loops of the audio family, one table for each instruction set that was compiled in.
//
// Spectra are computed for two signals at once, whose numbers lie beside each other: bin k of
// signal f is number 2 k + f. Pointers need no alignment but that of float.
#pragma once

#include <cstdint>

namespace edgert::sound {

inline constexpr int kSignals = 2;

// Turns of one index of a radix-4 stage: e^(-i angle).
struct Turns {
  float re1, im1, re2, im2, re3, im3;
};

// Of a real transform of 8 × rows points, a power of two of at least 32. As a complex transform of
// half as many points, it is four transforms of `rows` points each, of every fourth one; a row
// has a point of each of the four, of both signals.
struct FftTables {
  int rows;
  const std::uint16_t* order;    // [rows]: where row i is computed
  const Turns* turns;            // stage after stage, and one more
  const float *row_re, *row_im;  // [rows][8]: what turns the four into one
  const float *cosine, *sine;    // of 2 pi k / (8 rows), halved, [2 rows + 8][2]
};

// Two signals to be multiplied with a window of 8 × rows values.
struct Windowed {
  const float* signals[kSignals];
  const float* window;
  int rows;
};

// One filter over neighbouring bins of a spectrum.
struct Band {
  int first, fours, weights;  // 4 × fours bins; `weights`: where its weights begin
};

// Of the signal dealt out to planes: the value that a group sees `column` behind its own.
struct FirTap {
  std::int32_t plane, column;
};

// A filter of groups of `up` outputs, 2..4.
struct FirBank {
  std::int64_t up, count;
  const FirTap* taps;    // [count]
  const float* weights;  // [count][up]
  const FirTap* own;     // [up], of which each output alone sees one, or null
  const float* own_weights;
};

// Four groups that follow each other share multiplications. Two values of a filter, with h's even
// weights e and odd ones o, on a signal's even values x and odd ones y (y's next is x'):
//   even = e (x - y) + (e + o) y,  odd = (e + o) y - o (y - x'),
// three filters of half the length instead of four; each of them once more in the same way.
inline constexpr int kFirTogether = 4, kFirParts = 9;
// (x / (eps + mean)^gain + bias)^power - bias^power, whose mean follows x by `smoothing` a row. For
// a power of 0 it is ln(1 + x / ...).
struct Pcen {
  float gain, bias, power, by_bias, lift;  // 1 / bias, bias^power; not read where bias is 0
  double eps, smoothing;
};

inline constexpr int kFirGroups = 16, kMostMerged = 16;

struct Kernels {
  const char* name;
  // to[i] = factor × the sum of the `channels` values of sample i.
  void (*mix_shorts)(const std::int16_t* from, std::int64_t count, int channels, float factor,
                     float* to);
  void (*mix)(const float* from, std::int64_t count, int channels, float factor, float* to);
  // The sum of a[i] b[i]; `count` is a multiple of 8.
  float (*dot)(const float* a, const float* b, std::int64_t count);
  // planes[d size + i] = from[i step + d], i < count. `step` is a multiple of 4, `count` of
  // kFirGroups.
  void (*split)(const float* from, std::int64_t step, std::int64_t count, float* planes,
                std::int64_t size);
  // out[j - first] = planes[j % step size + j / step], j = first..first + count. `step` is a
  // multiple of 4, at most kMostMerged; `size` is one of kFirGroups, and `first` is less than that.
  void (*merge)(const float* planes, std::int64_t size, std::int64_t step, std::int64_t first,
                std::int64_t count, float* out);
  // The nine parts [9][size] of a signal dealt out to four planes of `size` that lie `apart`, for
  // nine filters; parts that are null are left out. The last value of each is undefined: one more
  // value behind the planes is read. `size` is a multiple of kFirGroups.
  void (*differ)(const float* planes, std::int64_t apart, std::int64_t size,
                 float* const parts[kFirParts]);
  // One row of pairs as two rows.
  void (*unpair)(const float* pairs, std::int64_t count, float* first, float* second);
  // out[p groups + g] = output p of group g, which sees planes[plane size + g + column] of each tap
  // and of its own one. `groups` is a multiple of kFirGroups.
  void (*fir)(const FirBank& bank, const float* planes, std::int64_t size, std::int64_t groups,
              float* out);
  // From fir()'s sums of the nine parts [9][up][groups] the outputs [4][up][groups], in place.
  void (*gather)(float* sums, std::int64_t up, std::int64_t groups);
  // The complex transform of two windowed signals, with zeros behind the window, for power() and
  // spectrum(). `work`: 32 rows + 16 values.
  void (*fft)(const FftTables& tables, const Windowed& in, float* work);
  // |X|², or |X|, of the 4 rows + 1 bins, and zeros for three more.
  void (*power)(const FftTables& tables, const float* work, bool root, float* out);
  // Re X and Im X of the bins; there must be room for three more.
  void (*spectrum)(const FftTables& tables, const float* work, float* re, float* im);
  // The weighed sums of 4 × `fours` bands over power()'s bins. Each bin has its weight twice.
  void (*filter)(const Band* bands, int fours, const float* weights, const float* power,
                 float* out);
  // factor × ln(max(value + offset, floor)) of each; `floor` is positive and normal.
  void (*logs)(float* values, std::int64_t count, float offset, float floor, float factor);
  // Rows of `bands` values that aren't negative, within 3e-6 of each result or 3e-7 of lift. `mean`
  // [bands] goes on.
  void (*pcen)(const Pcen& terms, const float* from, std::int64_t rows, std::int64_t bands,
               double* mean, float* out);
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
