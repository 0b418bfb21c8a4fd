// "key=value" texts of a document, as the two arrays of C strings that engines take.
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

  // Valid as long as this object is, unmoved.
  const char* const* keys() const { return pointers(keys_, key_list_); }
  const char* const* values() const { return pointers(values_, value_list_); }
  std::size_t size() const { return keys_.size(); }

 private:
  static const char* const* pointers(const std::vector<std::string>& texts,
                                         std::vector<const char*>& list);
  std::vector<std::string> keys_, values_;
  mutable std::vector<const char*> key_list_, value_list_;
};

}  // namespace edgert
