#include "edgert/infer/key_values.h"

namespace edgert {

Result<KeyValues> KeyValues::parse(const std::string& where,
                                   const std::vector<std::string>& entries) {
  KeyValues out;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0)
      return Status::invalid(where, "'" + entry + "' is not key=value");
    out.keys_.push_back(entry.substr(0, equals));
    out.values_.push_back(entry.substr(equals + 1));
  }
  return out;
}

std::vector<const char*> KeyValues::pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> list;
  for (const std::string& text : texts) list.push_back(text.c_str());
  return list;
}

}  // namespace edgert
