// Windows that slide over a stream of rows, whatever chunks it comes in. Stateful, not shared.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

// Window i holds the rows [i * hop, i * hop + size) of the stream, which begins with `pad` rows of
// zeros. Invariants between calls: the kept rows are those from the next window's first one on,
// fewer than `size` of them; with hop > size that first row may still be `skip_` rows ahead.
class SlidingRows {
 public:
  // All in rows of `width` floats; size, hop and width at least 1, 0 <= pad < size.
  SlidingRows(std::int64_t size, std::int64_t hop, std::int64_t pad, std::int64_t width);

  void reset();
  // Windows that a chunk of `rows` will complete.
  std::int64_t completed_by(std::int64_t rows) const;
  // Windows completed at most by one chunk of `rows`.
  std::int64_t most_completed_by(std::int64_t rows) const { return (rows + hop_ - 1) / hop_; }
  // The next window's first row, counted from the first one after the padding.
  std::int64_t next_start() const { return next_start_; }
  // Takes the chunk and writes the windows that it completes.
  void push(const float* chunk, std::int64_t rows, float* windows);

 private:
  std::int64_t size_, hop_, pad_, width_;
  std::vector<float> kept_;  // room for `size` rows
  std::int64_t kept_rows_ = 0, skip_ = 0, next_start_ = 0;
};

}  // namespace edgert
