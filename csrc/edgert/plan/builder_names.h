// Small things that the builder's files share.
#pragma once

#include <string>
#include <vector>

#include "edgert/base/hash.h"
#include "edgert/plan/spec.h"

namespace edgert {

inline std::string quoted(const std::string& name) {
  return "'" + name + "'";
}

// The index of the thing with that name, or -1.
template <class T>
int find_named(const std::vector<T>& things, const std::string& name) {
  for (std::size_t i = 0; i < things.size(); ++i)
    if (things[i].name == name) return static_cast<int>(i);
  return -1;
}

// Equal files with equal options are one model, but of who keeps its work to itself.
inline Hash128 model_identity(const ModelSpec& spec) {
  Hasher hasher;
  hasher.text(spec.backend).number(static_cast<std::uint64_t>(spec.threads));
  hasher.number(static_cast<std::uint64_t>(spec.instances)).hash(spec.content);
  hasher.number(static_cast<std::uint64_t>(spec.fixed));
  spec.engine.hash_into(hasher);
  if (!spec.private_to.empty()) hasher.text(spec.private_to);
  if (spec.devices != std::vector<int>{-1})
    for (const int device : spec.devices) hasher.number(static_cast<std::uint64_t>(device));
  return hasher.digest();
}

// And which ones, loaded on a device of the plan, can take each other's place.
inline Hash128 host_identity(const ModelSpec& spec, int device) {
  Hasher hasher;
  hasher.hash(model_identity(spec)).number(static_cast<std::uint64_t>(spec.batch));
  hasher.number(static_cast<std::uint64_t>(device));
  return hasher.digest();
}

}  // namespace edgert
