// Loaded models by content, so that equal files with equal options are in memory once: a plan that
// is built and then run opens each model once, and so do two runtimes in one process.
#pragma once

#include <memory>
#include <string>

#include "edgert/base/hash.h"
#include "edgert/infer/backend.h"

namespace edgert {

// The hash of a file's bytes.
Result<Hash128> hash_file(const std::string& path);

// The model that somebody in this process holds already, or a newly loaded one. `content` is the
// hash of the file's bytes. Thread rule: from any thread; loads of different callers follow each
// other.
Result<std::shared_ptr<Model>> load_shared(Backend& backend, const std::string& file,
                                           const ModelOptions& options, const Hash128& content);

}  // namespace edgert
