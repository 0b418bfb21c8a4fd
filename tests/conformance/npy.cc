#include "npy.h"

#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>

namespace edgert::conformance {
namespace {

DType dtype_of(const std::string& descriptor) {
  static const std::map<std::string, DType> kTypes{
      {"<f4", DType::kFloat32}, {"<f2", DType::kFloat16}, {"<f8", DType::kFloat64},
      {"|i1", DType::kInt8},    {"|u1", DType::kUInt8},   {"<i4", DType::kInt32},
      {"<i8", DType::kInt64}};
  return kTypes.at(descriptor);
}

Shape shape_of(const std::string& text) {
  std::vector<std::int64_t> dims;
  static const std::regex number("[0-9]+");
  for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it)
    dims.push_back(std::stoll(it->str()));
  return Shape(dims);
}

}  // namespace

Tensor load_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 10> preamble{};  // magic, version 1.0, 16-bit header size
  if (!file.read(preamble.data(), preamble.size())) throw std::runtime_error("can't read " + path);
  const auto size = static_cast<unsigned char>(preamble[8]) +
                    256u * static_cast<unsigned char>(preamble[9]);
  std::string header(size, ' ');
  file.read(header.data(), size);
  static const std::regex fields("'descr': '([^']*)'.*'shape': \\(([^)]*)\\)");
  std::smatch match;
  if (!std::regex_search(header, match, fields)) throw std::runtime_error("not npy: " + path);
  Tensor tensor = allocate_tensor(dtype_of(match[1]), shape_of(match[2]));
  file.read(reinterpret_cast<char*>(tensor.bytes_data()),
            static_cast<std::streamsize>(tensor.bytes()));
  return tensor;
}

}  // namespace edgert::conformance
