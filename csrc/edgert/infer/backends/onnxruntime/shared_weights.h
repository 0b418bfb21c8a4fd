// Tensors of prepared models as files by their content, so that models with equal tensors (two
// versions of one, with other heads) map the same pages.
#pragma once

#include <filesystem>
#include <string>

namespace edgert::ort {

// Of the model in `folder`, whose weights lie in the file `weights` there: puts large tensors into
// `store`, where equal ones are already or will be found, and links them into the folder. What
// can't be done is left as it was. Equal means equal bytes; the hash only finds them.
void share_weights(const std::filesystem::path& folder, const std::string& model,
                   const std::string& weights, const std::filesystem::path& store);

}  // namespace edgert::ort
