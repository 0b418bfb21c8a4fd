// A file mapped read-only: its pages are shared by all who use it. The file must not shrink while
// it is mapped; replace model files by renaming a new one over them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "edgert/base/status.h"

namespace edgert::tfl {

class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_;
  std::size_t size_;
};

}  // namespace edgert::tfl
