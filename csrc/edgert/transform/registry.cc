#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "edgert/transform/transform.h"

namespace edgert {
namespace {

std::vector<TransformEntry> collect() {
  std::vector<TransformEntry> all;
  for (const auto family :
       {image_transforms, resize_transforms, motion_transforms, audio_transforms, table_transforms,
        tensor_transforms, answer_transforms, region_transforms, track_transforms}) {
    const std::span<const TransformEntry> entries = family();
    all.insert(all.end(), entries.begin(), entries.end());
  }
  std::ranges::sort(all, {}, &TransformEntry::name);
  return all;
}

// Levenshtein's distance: insertions, deletions and replacements from one name to the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

// "boxes" is near "answer.boxes": the family may be what was forgotten.
std::size_t distance(std::string_view asked, std::string_view name) {
  const std::string_view tail = name.substr(name.find('.') + 1);
  return std::min(edit_distance(asked, name), edit_distance(asked, tail) + 1);
}

std::string suggestion(std::string_view asked) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const TransformEntry& entry : all_transforms())
    near.emplace_back(distance(asked, entry.name), entry.name);
  const std::vector<std::string> added = registered_transforms();
  for (const std::string& name : added) near.emplace_back(distance(asked, name), name);
  std::ranges::sort(near);
  std::string text;
  for (const auto& [edits, name] : near) {
    if (edits > std::max<std::size_t>(2, asked.size() / 3) || edits > near.front().first + 1) break;
    text += (text.empty() ? "did you mean " : " or ") + std::string(name);
  }
  return text.empty() ? "docs/operations.md lists the operations" : text + "?";
}

struct Added {
  std::string from;
  TransformMaker make;
};

// Off the frame path: transforms are made when a plan is. Entries are never taken away.
struct Additions {
  std::mutex mutex;
  std::map<std::string, Added, std::less<>> entries;

  const Added* find(std::string_view name) {
    const std::lock_guard lock(mutex);
    const auto found = entries.find(name);
    return found == entries.end() ? nullptr : &found->second;
  }
};

Additions& additions() {
  static Additions all;
  return all;
}

bool built_in(std::string_view name) {
  const auto all = all_transforms();
  return std::ranges::binary_search(all, name, {}, &TransformEntry::name);
}

}  // namespace

Status register_transform(std::string name, std::string from, TransformMaker make) {
  const std::string where = "operation '" + name + "' of " + from;
  if (built_in(name)) return Status::invalid(where, "is one of edgert's own", "use another name");
  Additions& all = additions();
  const std::lock_guard lock(all.mutex);
  const auto [entry, added] = all.entries.try_emplace(std::move(name), Added{from, make});
  if (!added && entry->second.from != from)
    return Status::invalid(where, "is there already, of " + entry->second.from, "use another name");
  return {};
}

std::vector<std::string> registered_transforms() {
  Additions& all = additions();
  const std::lock_guard lock(all.mutex);
  std::vector<std::string> names;
  for (const auto& [name, added] : all.entries) names.push_back(name);
  return names;
}

std::span<const TransformEntry> all_transforms() {
  static const std::vector<TransformEntry> all = collect();
  return all;
}

std::optional<Params> join_transforms(std::string_view name, const Params& params,
                                      const Params& more) {
  const auto all = all_transforms();
  const auto entry = std::ranges::lower_bound(all, name, {}, &TransformEntry::name);
  if (entry == all.end() || entry->name != name || !entry->join) return {};
  return entry->join(params, more);
}

Result<std::unique_ptr<Transform>> make_transform(std::string_view name, const Params& params,
                                                  std::span<const InputFormat> inputs) {
  const auto all = all_transforms();
  const auto entry = std::ranges::lower_bound(all, name, {}, &TransformEntry::name);
  if (const Added* added = additions().find(name)) {
    auto made = added->make(params, inputs);
    if (!made.ok()) return made.status().within(name);
    return made;
  }
  if (entry == all.end() || entry->name != name) {
    return Status(Code::kNotFound, "operation '" + std::string(name) + "'", "unknown",
                  suggestion(name));
  }
  auto made = entry->make(params, inputs);
  if (!made.ok()) return made.status().within(name);
  return made;
}

}  // namespace edgert
