// The polynomial of a degree that comes closest to wanted values: Remez' exchange.
#pragma once

#include <cstddef>
#include <vector>

namespace edgert {

struct RemezPoint {
  double x, wanted, weight;  // x: -1..1
};

// A polynomial by its values at nodes, in the barycentric form: Berrut & Trefethen 2004, (4.2).
struct Barycentric {
  std::vector<double> nodes, values, weights;
  double at(double x) const;
};

struct Closest {
  Barycentric polynomial;
  double error;  // the greatest weight × |wanted - polynomial| over the points
};

// Of the polynomials of degree `terms` - 1 the one with the least such error, to 0.5 %. `points`
// are in order of x, and more than `terms`. A filter's gain is such a polynomial of x = cos(2 pi
// f): Parks & McClellan, "Chebyshev approximation for nonrecursive digital filters", 1972.
Closest closest_polynomial(const std::vector<RemezPoint>& points, std::size_t terms);

}  // namespace edgert
