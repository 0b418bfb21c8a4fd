#include "edgert/infer/backends/onnxruntime/shared_weights.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>

#include "edgert/base/hash.h"
#include "edgert/infer/backends/onnxruntime/external_weights.h"

namespace edgert::ort {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLeastShared = 64 << 10;
constexpr std::size_t kAlignment = 64;
constexpr const char* kRest = "rest.data";  // tensors that are too small for a file

// Under another name first, so that a file appears whole.
bool write_whole(const fs::path& file, std::string_view content) {
  const fs::path aside = file.string() + "." + std::to_string(getpid());
  std::ofstream stream(aside, std::ios::binary);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  std::error_code failed;
  if (stream) fs::rename(aside, file, failed);
  if (!stream || failed) fs::remove(aside, failed);
  return static_cast<bool>(stream) && !failed;
}

// The file of that content in the store, made where it isn't there, linked into the folder. Its
// name there; nothing where it can't be done.
std::optional<std::string> linked(std::string_view tensor, const fs::path& store,
                                  const fs::path& folder) {
  const std::string name = Hasher().bytes(tensor.data(), tensor.size()).digest().hex();
  const fs::path kept = store / name;
  std::error_code failed;
  // One that differs is damaged, or has the same hash: who uses it keeps it.
  if (content_of(kept) != tensor && !write_whole(kept, tensor)) return {};
  if (fs::exists(folder / name, failed)) return name;
  fs::create_hard_link(kept, folder / name, failed);
  return failed ? std::nullopt : std::optional(name);
}

}  // namespace

void share_weights(const fs::path& folder, const std::string& model, const std::string& weights,
                   const fs::path& store) {
  std::error_code failed;
  fs::create_directories(store, failed);
  const auto before = content_of(folder / model), bytes = content_of(folder / weights);
  if (failed || !before || !bytes) return;
  std::string rest;
  const auto move = [&](const ExternalWeights& from) -> std::optional<ExternalWeights> {
    if (from.location != weights || from.offset > bytes->size() ||
        from.length > bytes->size() - from.offset)
      return {};
    const auto tensor = std::string_view(*bytes).substr(from.offset, from.length);
    if (from.length >= kLeastShared)
      if (auto name = linked(tensor, store, folder)) return ExternalWeights{*name, 0, from.length};
    rest.resize((rest.size() + kAlignment - 1) / kAlignment * kAlignment);
    rest += tensor;
    return ExternalWeights{kRest, rest.size() - tensor.size(), from.length};
  };
  const auto after = moved_weights(*before, move);
  if (!after || !write_whole(folder / kRest, rest) || !write_whole(folder / model, *after)) return;
  // Graphs inside nodes may still name the old file.
  if (after->find(weights) == std::string::npos) fs::remove(folder / weights, failed);
}

}  // namespace edgert::ort
