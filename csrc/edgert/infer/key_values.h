// "key=value" texts of a document, as the two lists of C strings that engines take.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "edgert/base/status.h"

namespace edgert {

class KeyValues {
 public:
  // `where` names the parameter in errors.
  static Result<KeyValues> parse(const std::string& where, const std::vector<std::string>& entries);

  // The pointers are valid as long as this object is, unmoved.
  std::vector<const char*> keys() const { return pointers(keys_); }
  std::vector<const char*> values() const { return pointers(values_); }
  std::size_t size() const { return keys_.size(); }

 private:
  static std::vector<const char*> pointers(const std::vector<std::string>& texts);
  std::vector<std::string> keys_, values_;
};

}  // namespace edgert
