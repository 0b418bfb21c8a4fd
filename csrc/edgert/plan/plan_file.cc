#include "edgert/plan/plan_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <type_traits>

#include "edgert/plan/plan_fields.h"

namespace edgert {
namespace {

constexpr std::string_view kMagic = "EDGERTPL";

template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class Writer {
 public:
  template <class... T>
  void operator()(T&... values) {
    (write(values), ...);
  }
  std::string take() { return std::move(out_); }

 private:
  template <Scalar T>
  void write(T& value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void write(std::string& value) {
    std::uint64_t size = value.size();
    write(size);
    out_ += value;
  }
  template <class T>
  void write(std::vector<T>& values) {
    std::uint64_t size = values.size();
    write(size);
    for (T& value : values) write(value);
  }
  void write(Shape& shape) {
    std::vector<std::int64_t> dims(shape.dims().begin(), shape.dims().end());
    write(dims);
  }
  void write(Params& params) {
    std::uint64_t size = params.values().size();
    write(size);
    for (const auto& entry : params.values()) {
      std::string name = entry.first;
      ParamValue value = entry.second;
      write(name);
      auto index = static_cast<std::uint8_t>(value.index());
      write(index);
      std::visit([this](auto& typed) { write(typed); }, value);
    }
  }
  template <class T>
  requires std::is_class_v<T>
  void write(T& value) { fields(*this, value); }

  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class... T>
  void operator()(T&... values) {
    (read(values), ...);
  }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  void read(bool& value) {
    std::uint8_t byte = 0;  // any other byte than 0 or 1 in a bool is undefined
    read(byte);
    value = byte != 0;
  }
  template <Scalar T>
  void read(T& value) {
    if (rest_.size() < sizeof value) return fail();
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
  }
  // A count of things of at least one byte each: more than what is left is nonsense.
  std::uint64_t count() {
    std::uint64_t size = 0;
    read(size);
    if (size > rest_.size()) fail();
    return ok_ ? size : 0;
  }
  void read(std::string& value) {
    const std::uint64_t size = count();
    value.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }
  template <class T>
  void read(std::vector<T>& values) {
    values.clear();
    for (std::uint64_t left = count(); left && ok_; --left) read(values.emplace_back());
  }
  void read(Shape& shape) {
    std::vector<std::int64_t> dims;
    read(dims);
    if (dims.size() > Shape::kMaxRank) return fail();
    shape = Shape(std::span<const std::int64_t>(dims));
  }
  void read(Params& params) {
    for (std::uint64_t left = count(); left && ok_; --left) {
      std::string name;
      std::uint8_t index = 0;
      (*this)(name, index);
      read_param(params, std::move(name), index);
    }
  }
  template <std::size_t I = 0>
  void read_param(Params& params, std::string name, std::size_t index) {
    if constexpr (I < std::variant_size_v<ParamValue>) {
      if (index != I) return read_param<I + 1>(params, std::move(name), index);
      std::variant_alternative_t<I, ParamValue> value{};
      read(value);
      params.set(std::move(name), ParamValue(std::move(value)));
    } else {
      fail();
    }
  }
  template <class T>
  requires std::is_class_v<T>
  void read(T& value) { fields(*this, value); }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

Hash128 checksum(std::string_view body) {
  return Hasher().bytes(body.data(), body.size()).digest();
}

template <class T>
T read_at(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// A program that loads the file has a working folder of its own.
PlanSpec with_whole_paths(PlanSpec plan) {
  for (ModelSpec& model : plan.models) {
    std::error_code ignored;
    const std::filesystem::path whole = std::filesystem::absolute(model.file, ignored);
    if (!ignored && !model.file.empty()) model.file = whole.lexically_normal().string();
  }
  return plan;
}

Status damaged(const std::string& where, std::string what) {
  return Status::invalid(where, std::move(what), "write it again with 'edgert compile'");
}

}  // namespace

std::string serialise_plan(const PlanSpec& plan) {
  Writer body_writer;
  body_writer(const_cast<PlanSpec&>(plan));  // the one list of fields serves both ways; not changed
  std::string body = body_writer.take();
  Hash128 sum = checksum(body);
  std::uint32_t version = kPlanFileVersion;
  std::uint64_t size = body.size();
  Writer head, tail;
  head(version, size);
  tail(sum);
  return std::string(kMagic) + head.take() + body + tail.take();
}

Result<PlanSpec> parse_plan(std::string_view bytes, const std::string& where) {
  constexpr std::size_t kHead = 8 + 4 + 8, kTail = 16;
  if (bytes.size() < kHead + kTail || bytes.substr(0, 8) != kMagic)
    return damaged(where, "this is not an edgert plan");
  const auto version = read_at<std::uint32_t>(bytes, 8);
  if (version != kPlanFileVersion)
    return damaged(where, "plan format " + std::to_string(version) + ", this edgert reads " +
                              std::to_string(kPlanFileVersion));
  const auto size = read_at<std::uint64_t>(bytes, 12);
  if (size != bytes.size() - kHead - kTail)
    return damaged(where, "the plan is cut short or has bytes after its end");
  const std::string_view body = bytes.substr(kHead, size);
  const Hash128 stored{read_at<std::uint64_t>(bytes, kHead + size),
                       read_at<std::uint64_t>(bytes, kHead + size + 8)};
  if (stored != checksum(body)) return damaged(where, "the checksum differs, the plan is damaged");
  PlanSpec plan;
  Reader reader(body);
  reader(plan);
  if (!reader.done()) return damaged(where, "the plan's fields do not match its format version");
  return plan;
}

Status save_plan(const PlanSpec& plan, const std::string& path) {
  const std::string partial = path + ".part";
  errno = 0;
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  const std::string bytes = serialise_plan(with_whole_paths(plan));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file || std::rename(partial.c_str(), path.c_str()) != 0) {
    const int why = errno;  // before the removal's own
    std::remove(partial.c_str());
    return Status::invalid(path, std::string("cannot write: ") + std::strerror(why),
                           "check the folder, its permissions and its room");
  }
  return {};
}

Result<PlanSpec> load_plan(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Status(Code::kNotFound, path, std::string("cannot read: ") + std::strerror(errno),
                  "check the path");
  std::stringstream bytes;
  bytes << file.rdbuf();
  return parse_plan(std::move(bytes).str(), path);
}

}  // namespace edgert
