#include "edgert/infer/backends/tflite/flatbuffer.h"

#include <algorithm>

namespace edgert::tfl {
namespace {

using File = std::span<const std::byte>;

bool inside(File file, std::size_t at, std::size_t size) {
  return at <= file.size() && size <= file.size() - at;
}

// FlatBuffers are little-endian, as are the machines that edgert is for.
template <class T>
T read(File file, std::size_t at, T fallback = {}) {
  if (!inside(file, at, sizeof(T))) return fallback;
  T value;
  std::memcpy(&value, file.data() + at, sizeof value);
  return value;
}

}  // namespace

FlatVector::FlatVector(File file, std::size_t at) : file_(file), first_(at + 4) {
  const auto most = inside(file, first_, 0) ? (file.size() - first_) / 4 : 0;
  size_ = static_cast<std::uint32_t>(std::min<std::size_t>(read<std::uint32_t>(file, at), most));
}

std::int32_t FlatVector::number(std::uint32_t index) const {
  return index < size_ ? read<std::int32_t>(file_, first_ + 4 * std::size_t{index}) : 0;
}

FlatTable FlatVector::table(std::uint32_t index) const {
  if (index >= size_) return {};
  const std::size_t at = first_ + 4 * std::size_t{index};
  return {file_, at + read<std::uint32_t>(file_, at)};
}

FlatTable FlatTable::root(File file) {
  return {file, read<std::uint32_t>(file, 0)};
}

std::size_t FlatTable::place(int field, std::size_t size) const {
  if (at_ == 0 || !inside(file_, at_, 4)) return 0;
  // A table begins with the signed distance back to its vtable: sizes, then 16-bit offsets.
  const auto table = static_cast<std::int64_t>(at_) - read<std::int32_t>(file_, at_);
  if (table < 0) return 0;
  const auto vtable = static_cast<std::size_t>(table);
  const std::size_t slot = 4 + 2 * static_cast<std::size_t>(field);
  if (slot + 2 > read<std::uint16_t>(file_, vtable)) return 0;
  const std::size_t offset = read<std::uint16_t>(file_, vtable + slot);
  return offset != 0 && inside(file_, at_ + offset, size) ? at_ + offset : 0;
}

std::size_t FlatTable::follow(int field) const {
  const std::size_t at = place(field, 4);
  if (at == 0) return 0;
  const std::size_t target = at + read<std::uint32_t>(file_, at);
  return inside(file_, target, 4) ? target : 0;
}

std::int32_t FlatTable::number32(int field, std::int32_t fallback) const {
  const std::size_t at = place(field, 4);
  return at ? read<std::int32_t>(file_, at) : fallback;
}

std::int8_t FlatTable::number8(int field, std::int8_t fallback) const {
  const std::size_t at = place(field, 1);
  return at ? read<std::int8_t>(file_, at) : fallback;
}

std::string FlatTable::text(int field) const {
  const std::size_t at = follow(field);
  if (at == 0) return {};
  const std::size_t size = read<std::uint32_t>(file_, at);
  if (!inside(file_, at + 4, size)) return {};
  return std::string(reinterpret_cast<const char*>(file_.data()) + at + 4, size);
}

FlatVector FlatTable::vector(int field) const {
  const std::size_t at = follow(field);
  return at ? FlatVector(file_, at) : FlatVector();
}

}  // namespace edgert::tfl
