#include "npy.h"

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace edgert::conformance {
namespace {

DType dtype_of(const std::string& descriptor) {
  static const std::map<std::string, DType> kTypes{
      {"<f4", DType::kFloat32}, {"<f2", DType::kFloat16}, {"<f8", DType::kFloat64},
      {"|i1", DType::kInt8},    {"|u1", DType::kUInt8},   {"<i4", DType::kInt32},
      {"<i8", DType::kInt64}};
  return kTypes.at(descriptor);
}

// What stands between `open` and `close` after `key` in the header, a Python dict as text.
std::string field(const std::string& header, const std::string& key, char open, char close) {
  const std::size_t at = header.find(open, header.find("'" + key + "':") + key.size() + 3);
  const std::size_t end = header.find(close, at + 1);
  if (end == std::string::npos) throw std::runtime_error("not an npy header: " + header);
  return header.substr(at + 1, end - at - 1);
}

Shape shape_of(const std::string& text) {
  std::vector<std::int64_t> dims;
  std::istringstream parts(text);
  for (std::int64_t dim; parts >> dim; parts.ignore(1)) dims.push_back(dim);
  return Shape(dims);
}

}  // namespace

Tensor load_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 10> preamble{};  // magic, version 1.0, 16-bit header size
  if (!file.read(preamble.data(), preamble.size())) throw std::runtime_error("can't read " + path);
  const auto size =
      static_cast<unsigned char>(preamble[8]) + 256u * static_cast<unsigned char>(preamble[9]);
  std::string header(size, ' ');
  file.read(header.data(), size);
  Tensor tensor = allocate_tensor(dtype_of(field(header, "descr", '\'', '\'')),
                                  shape_of(field(header, "shape", '(', ')')));
  file.read(reinterpret_cast<char*>(tensor.bytes_data()),
            static_cast<std::streamsize>(tensor.bytes()));
  return tensor;
}

}  // namespace edgert::conformance
