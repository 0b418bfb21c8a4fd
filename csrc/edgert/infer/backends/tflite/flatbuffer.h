// Reads tables of a FlatBuffer (its published binary format), every access checked against the
// file's end: what lies outside reads as absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace edgert::tfl {

class FlatTable;

// A vector of scalars or of tables.
class FlatVector {
 public:
  FlatVector() = default;
  FlatVector(std::span<const std::byte> file, std::size_t at);
  std::uint32_t size() const { return size_; }
  std::int32_t number(std::uint32_t index) const;  // of 32-bit elements
  FlatTable table(std::uint32_t index) const;

 private:
  std::span<const std::byte> file_;
  std::size_t first_ = 0;
  std::uint32_t size_ = 0;
};

class FlatTable {
 public:
  FlatTable() = default;
  static FlatTable root(std::span<const std::byte> file);

  // `field` counts from 0 in the schema's order.
  std::int32_t number32(int field, std::int32_t fallback) const;
  std::int8_t number8(int field, std::int8_t fallback) const;
  std::string text(int field) const;
  FlatVector vector(int field) const;

 private:
  friend class FlatVector;
  FlatTable(std::span<const std::byte> file, std::size_t at) : file_(file), at_(at) {}
  std::size_t place(int field, std::size_t size) const;  // 0: absent
  std::size_t follow(int field) const;                   // where its offset points; 0: absent

  std::span<const std::byte> file_;
  std::size_t at_ = 0;  // 0: no table
};

}  // namespace edgert::tfl
