// The best assignment of rows to columns: exact, and without allocation once made.
//
// Maximises the sum of the profits of the pairs that are chosen; a pair with a profit of 0 or less
// is never chosen, so rows and columns may stay alone. This is what ByteTrack asks of `lap.lapjv`
// with a cost limit: profit = limit - cost. Shortest augmenting paths with potentials, as Jonker
// and Volgenant's algorithm and the usual form of the Hungarian one have it: O(rows² (rows +
// columns)) at worst, and near rows × columns where few pairs compete, as tracks do.
#pragma once

#include <span>
#include <vector>

namespace edgert {

class Assignment {
 public:
  Assignment(int most_rows, int most_columns);

  // Begins a problem of this size, within the maxima; all profits are 0.
  void begin(int rows, int columns);
  double& profit(int row, int column) {
    return profits_[static_cast<std::size_t>(row * columns_ + column)];
  }
  // The column of each row, -1 for one that stays alone. Valid until the next begin().
  std::span<const int> solve();

 private:
  double cost(int row, int column) const;  // of the real columns, then one a row that means alone
  void add_row(int row);

  int rows_ = 0, columns_ = 0;
  std::vector<double> profits_;
  std::vector<double> row_potential_, column_potential_, distance_;
  std::vector<int> row_of_, before_, column_of_;
  std::vector<char> done_;
};

}  // namespace edgert
