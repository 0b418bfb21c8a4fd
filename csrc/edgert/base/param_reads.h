// What an operation takes its parameters for. While one of these lives, each getter that is asked
// of those parameters on this thread notes what it gave, stated or not: so two texts of an
// operation, of which one leaves the defaults out, mean the same, and nobody lists the defaults
// twice.
//
// A parameter whose presence is asked for (has(), find()) means something by being there: left out,
// it isn't filled in. Copies of the parameters are others: who reads from one says what it took by
// means(). Off the frame path; one thread; they may be nested.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "edgert/base/params.h"

namespace edgert {

class ParamReads {
 public:
  explicit ParamReads(const Params& params);  // which outlive it
  ~ParamReads();
  ParamReads(const ParamReads&) = delete;
  ParamReads& operator=(const ParamReads&) = delete;

  // The parameters with what was read in place of what was stated.
  Params meant() const;

  // What parameter `name` comes to, whatever the getters gave: for an operation that reads it in a
  // way of its own, as one number for each of some channels.
  static void means(const Params& params, std::string_view name, ParamValue value);

  // What Params tells: that it was asked for a parameter's presence, and what a getter gave.
  static void asked(const Params& params, std::string_view name);
  static void gave(const Params& params, std::string_view name, const ParamValue& value);

 private:
  struct Read {
    std::optional<ParamValue> given;
    bool differs = false;  // several reads gave several things: it stays as it is stated
    bool asked = false;    // whether it is there
    bool settled = false;  // by means()
  };

  static ParamReads* of(const Params& params);

  const Params& params_;
  ParamReads* const outer_;
  std::map<std::string, Read, std::less<>> reads_;
};

}  // namespace edgert
