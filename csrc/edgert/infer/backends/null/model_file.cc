#include "edgert/infer/backends/null/model_file.h"

#include <charconv>
#include <fstream>
#include <sstream>
#include <vector>

namespace edgert::null {
namespace {

using Words = std::vector<std::string>;

// Splits at spaces; a "quoted text" is one word.
Words split(const std::string& line) {
  Words words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t\r", at)) != std::string::npos && line[at] != '#') {
    const bool quoted = line[at] == '"';
    const std::size_t begin = quoted ? at + 1 : at;
    const std::size_t end =
        std::min(line.find_first_of(quoted ? "\"" : " \t\r", begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    at = std::min(end + (quoted ? 1 : 0), line.size());
  }
  return words;
}

bool read_number(const std::string& text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

bool read_shape(const std::string& text, Shape& shape) {
  if (text == "scalar") return true;
  std::vector<std::int64_t> dims;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, 'x');) {
    std::int64_t dim = -1;
    if (part != "?" && !read_number(part, dim)) return false;
    dims.push_back(dim);
  }
  if (dims.empty() || dims.size() > Shape::kMaxRank) return false;
  shape = Shape(dims);
  return true;
}

// What is wrong with the statement; empty when nothing is.
std::string read_tensor(const Words& words, std::vector<TensorSpec>& specs) {
  if (words.size() != 4) return "expects a name, a dtype and a shape";
  TensorSpec spec;
  spec.name = words[1];
  const auto dtype = dtype_from_name(words[2]);
  if (!dtype) return "unknown dtype '" + words[2] + "'";
  spec.dtype = *dtype;
  if (!read_shape(words[3], spec.shape)) return "unreadable shape '" + words[3] + "'";
  specs.push_back(std::move(spec));
  return {};
}

std::string read_statement(const Words& words, ModelFile& file) {
  const std::string& verb = words[0];
  if (verb == "input") return read_tensor(words, file.io.inputs);
  if (verb == "output") return read_tensor(words, file.io.outputs);
  if (words.size() == 1) {
    for (auto [name, flag] : {std::pair{"echo", &file.echo},
                              {"count", &file.count},
                              {"crash", &file.crash},
                              {"mix", &file.mix}})
      if (verb == name) return *flag = true, std::string();
  }
  if (words.size() == 2) {
    for (auto [name, number] : {std::pair{"delay_us", &file.delay_us},
                                {"delay_item_us", &file.delay_item_us},
                                {"work_us", &file.work_us},
                                {"load_us", &file.load_us},
                                {"allocate_mb", &file.allocate_mb},
                                {"fail_on", &file.fail_on}})
      if (verb == name) return read_number(words[1], *number) ? "" : "expects a whole number";
    for (auto [name, text] : {std::pair{"fail", &file.fail}, {"fail_load", &file.fail_load}})
      if (verb == name) return *text = words[1], std::string();
  }
  if (words.size() == 3 && verb == "metadata")
    return file.io.metadata.emplace_back(words[1], words[2]), std::string();
  return "unknown statement '" + verb + "', or a wrong number of words after it";
}

std::string check(const ModelFile& file) {
  if (file.io.outputs.empty()) return "it declares no output";
  if (file.count && file.io.outputs[0].dtype != DType::kFloat32)
    return "count needs a float32 output";
  if (!file.echo) return {};
  if (file.io.inputs.size() < file.io.outputs.size()) return "echo needs an input for each output";
  for (std::size_t i = 0; i < file.io.outputs.size(); ++i) {
    const TensorSpec &in = file.io.inputs[i], &out = file.io.outputs[i];
    if (in.dtype != out.dtype || in.shape != out.shape)
      return "echo needs '" + out.name + "' to be as '" + in.name + "'";
  }
  return {};
}

}  // namespace

Result<ModelFile> read_model_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) return Status(Code::kNotFound, path, "can't be opened", "check the path");
  ModelFile file;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    const Words words = split(line);
    if (words.empty()) continue;
    if (const std::string wrong = read_statement(words, file); !wrong.empty())
      return Status::invalid(path + ":" + std::to_string(number), wrong);
  }
  if (const std::string wrong = check(file); !wrong.empty()) return Status::invalid(path, wrong);
  return file;
}

}  // namespace edgert::null
