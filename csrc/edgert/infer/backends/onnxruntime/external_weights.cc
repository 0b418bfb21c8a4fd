#include "edgert/infer/backends/onnxruntime/external_weights.h"

#include <charconv>
#include <fstream>

namespace edgert::ort {
namespace {

using Move = std::function<std::optional<ExternalWeights>(const ExternalWeights&)>;

constexpr std::uint32_t kGraph = 7, kInitializer = 5, kExternalData = 13, kKey = 1, kValue = 2;
// Of a tensor: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
constexpr std::uint32_t kDims = 1, kType = 2, kName = 8;
constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

// One field after the other. https://protobuf.dev/programming-guides/encoding/
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  bool next() {
    if (rest_.empty() || broken_) return false;
    const std::string_view before = rest_;
    const std::uint64_t tag = varint();
    number = static_cast<std::uint32_t>(tag >> 3);
    type = static_cast<std::uint32_t>(tag & 7);
    content = {};
    if (type == kVarint) value = varint();
    if (type == kFixed64) take(8);
    if (type == kFixed32) take(4);
    if (type == kBytes) content = take(varint());
    if (type == 3 || type == 4 || type > kFixed32) broken_ = true;
    whole = before.substr(0, before.size() - rest_.size());
    return !broken_;
  }
  bool broken() const { return broken_; }
  // Numbers without tags, behind each other.
  bool next_packed() {
    if (rest_.empty() || broken_) return false;
    value = varint();
    return !broken_;
  }

  std::uint32_t number = 0, type = 0;
  std::uint64_t value = 0;   // of kVarint
  std::string_view content;  // of kBytes
  std::string_view whole;    // with its tag

 private:
  std::uint64_t varint() {
    std::uint64_t sum = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      sum |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return sum;
    }
    broken_ = true;
    return 0;
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) broken_ = true;
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  bool broken_ = false;
};

void add_varint(std::string& to, std::uint64_t value) {
  for (; value > 127; value >>= 7) to += static_cast<char>((value & 127) | 128);
  to += static_cast<char>(value);
}

void add_bytes(std::string& to, std::uint32_t number, std::string_view content) {
  add_varint(to, number << 3 | kBytes);
  add_varint(to, content.size());
  to += content;
}

void add_entry(std::string& tensor, std::string_view key, std::string_view value) {
  std::string entry;
  add_bytes(entry, kKey, key);
  add_bytes(entry, kValue, value);
  add_bytes(tensor, kExternalData, entry);
}

void read_entry(std::string_view entry, ExternalWeights& into) {
  std::string_view key, value;
  for (Fields field(entry); field.next();) (field.number == kKey ? key : value) = field.content;
  const auto number = [&](std::uint64_t& to) {
    std::from_chars(value.data(), value.data() + value.size(), to);
  };
  if (key == "location") into.location = value;
  if (key == "offset") number(into.offset);
  if (key == "length") number(into.length);
}

// The message with each field `number` as `change` makes it.
template <class Change>
bool rewrite(std::string_view message, std::uint32_t number, std::string& into, Change&& change) {
  Fields field(message);
  while (field.next()) {
    if (field.number != number || field.type != kBytes) {
      into += field.whole;
      continue;
    }
    std::string changed;
    if (!change(field.content, changed)) return false;
    add_bytes(into, number, changed);
  }
  return !field.broken();
}

bool move_tensor(std::string_view tensor, std::string& into, const Move& move) {
  ExternalWeights weights;
  std::string rest;
  Fields field(tensor);
  while (field.next()) {
    if (field.number == kExternalData && field.type == kBytes)
      read_entry(field.content, weights);
    else
      rest += field.whole;
  }
  if (field.broken()) return false;
  const auto moved = weights.location.empty() ? std::nullopt : move(weights);
  if (!moved) {
    into = tensor;
    return true;
  }
  into = std::move(rest);
  add_entry(into, "location", moved->location);
  add_entry(into, "offset", std::to_string(moved->offset));
  add_entry(into, "length", std::to_string(moved->length));
  return true;
}

bool read_tensor(std::string_view tensor, ExternalTensor& into) {
  Fields field(tensor);
  while (field.next()) {
    if (field.number == kName && field.type == kBytes) into.name = field.content;
    if (field.number == kType && field.type == kVarint)
      into.type = static_cast<std::int32_t>(field.value);
    if (field.number == kExternalData && field.type == kBytes)
      read_entry(field.content, into.weights);
    if (field.number != kDims) continue;
    if (field.type == kVarint) into.dims.push_back(static_cast<std::int64_t>(field.value));
    for (Fields packed(field.content); packed.next_packed();)
      into.dims.push_back(static_cast<std::int64_t>(packed.value));
  }
  return !field.broken();
}

}  // namespace

std::optional<std::string> content_of(const std::filesystem::path& file) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(file, failed);
  if (failed) return {};
  std::string content(bytes, '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(content.data(), static_cast<std::streamsize>(bytes))) return {};
  return content;
}

std::optional<std::vector<ExternalTensor>> external_tensors(std::string_view model) {
  std::vector<ExternalTensor> found;
  Fields part(model);
  while (part.next()) {
    if (part.number != kGraph || part.type != kBytes) continue;
    Fields field(part.content);
    while (field.next()) {
      if (field.number != kInitializer || field.type != kBytes) continue;
      ExternalTensor tensor;
      if (!read_tensor(field.content, tensor)) return {};
      if (!tensor.weights.location.empty()) found.push_back(std::move(tensor));
    }
    if (field.broken()) return {};
  }
  if (part.broken()) return {};
  return found;
}

std::optional<std::string> moved_weights(std::string_view model, const Move& move) {
  std::string made;
  const auto of_tensor = [&](std::string_view tensor, std::string& into) {
    return move_tensor(tensor, into, move);
  };
  const auto of_graph = [&](std::string_view graph, std::string& into) {
    return rewrite(graph, kInitializer, into, of_tensor);
  };
  if (!rewrite(model, kGraph, made, of_graph)) return {};
  return made;
}

}  // namespace edgert::ort
