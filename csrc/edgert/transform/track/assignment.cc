#include "edgert/transform/track/assignment.h"

#include <algorithm>
#include <limits>

namespace edgert {
namespace {

constexpr double kForbidden = 1e30;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

Assignment::Assignment(int most_rows, int most_columns) {
  const std::size_t wide = at(most_rows + most_columns + 1);
  profits_.reserve(at(most_rows) * at(most_columns));
  row_potential_.reserve(at(most_rows));
  column_of_.reserve(at(most_rows));
  column_potential_.reserve(wide);
  distance_.reserve(wide);
  row_of_.reserve(wide);
  before_.reserve(wide);
  done_.reserve(wide);
}

void Assignment::begin(int rows, int columns) {
  rows_ = rows;
  columns_ = columns;
  const std::size_t wide = at(rows + columns + 1);
  profits_.assign(at(rows) * at(columns), 0);
  row_potential_.assign(at(rows), 0);
  column_of_.assign(at(rows), -1);
  column_potential_.assign(wide, 0);
  row_of_.assign(wide, -1);
  distance_.resize(wide);
  before_.resize(wide);
  done_.resize(wide);
}

double Assignment::cost(int row, int column) const {
  if (column >= columns_) return column == columns_ + row ? 0 : kForbidden;
  const double gain = profits_[at(row * columns_ + column)];
  return gain > 0 ? -gain : kForbidden;
}

// Finds the shortest path from `row` over pairs that are taken to a column that is free, and
// turns the pairs along it. The last column is a place for the row that is being added.
void Assignment::add_row(int row) {
  const int wide = columns_ + rows_;
  std::fill(distance_.begin(), distance_.end(), std::numeric_limits<double>::infinity());
  std::fill(done_.begin(), done_.end(), char{0});
  int column = wide;
  row_of_[at(column)] = row;
  while (row_of_[at(column)] >= 0) {
    done_[at(column)] = 1;
    const int from = row_of_[at(column)];
    int nearest = -1;
    for (int next = 0; next < wide; ++next) {
      if (done_[at(next)]) continue;
      const double reduced =
          cost(from, next) - row_potential_[at(from)] - column_potential_[at(next)];
      if (reduced < distance_[at(next)]) {
        distance_[at(next)] = reduced;
        before_[at(next)] = column;
      }
      if (nearest < 0 || distance_[at(next)] < distance_[at(nearest)]) nearest = next;
    }
    const double step = distance_[at(nearest)];
    for (int other = 0; other <= wide; ++other) {
      if (done_[at(other)]) {
        row_potential_[at(row_of_[at(other)])] += step;
        column_potential_[at(other)] -= step;
      } else {
        distance_[at(other)] -= step;
      }
    }
    column = nearest;
  }
  while (column != wide) {
    const int previous = before_[at(column)];
    row_of_[at(column)] = row_of_[at(previous)];
    column = previous;
  }
  row_of_[at(wide)] = -1;
}

std::span<const int> Assignment::solve() {
  for (int row = 0; row < rows_; ++row) {
    const double* gains = profits_.data() + at(row) * at(columns_);
    if (std::any_of(gains, gains + columns_, [](double gain) { return gain > 0; })) add_row(row);
  }
  for (int column = 0; column < columns_; ++column) {
    if (row_of_[at(column)] >= 0) column_of_[at(row_of_[at(column)])] = column;
  }
  return column_of_;
}

}  // namespace edgert
