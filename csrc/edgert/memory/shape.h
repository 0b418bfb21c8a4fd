// The extents of a tensor: up to eight, stored inline.
//
// In a specification -1 means "known only at run time"; a tensor in memory has none.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace edgert {

class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const std::int64_t> dims) : rank_(static_cast<int>(dims.size())) {
    assert(dims.size() <= kMaxRank);
    std::copy(dims.begin(), dims.end(), dims_.begin());
  }

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return dims_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return dims_[static_cast<std::size_t>(axis)]; }
  std::span<const std::int64_t> dims() const {
    return {dims_.data(), static_cast<std::size_t>(rank_)};
  }

  // Product of the extents; 1 for a scalar, negative or zero when an extent is.
  std::int64_t elements() const {
    std::int64_t product = 1;
    for (std::int64_t dim : dims()) {
      if (dim < 0) return -1;
      product *= dim;
    }
    return product;
  }
  bool is_static() const { return elements() >= 0; }

  // Whether a tensor of shape `other` fits this specification.
  bool accepts(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int i = 0; i < rank_; ++i)
      if ((*this)[i] >= 0 && (*this)[i] != other[i]) return false;
    return true;
  }
  std::string text() const;  // "1×3×224×224"; an unknown extent is "?"

  friend bool operator==(const Shape& a, const Shape& b) {
    return std::ranges::equal(a.dims(), b.dims());
  }

 private:
  std::array<std::int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

}  // namespace edgert
