// From a name and parameters to a source: the program's own, GStreamer's, or a library's.
#pragma once

#include <functional>
#include <string>

#include "edgert/source/source.h"

namespace edgert {

using SourceFactory = std::function<Result<std::unique_ptr<Source>>(const Params&)>;

// Makes `type` known to make_source() in this process; a second one replaces the first.
void register_source(std::string type, SourceFactory factory);

// `type` is a registered one, or "gstreamer", whose library lies beside this one, or "library",
// whose parameter of that name is the path of a shared library (see source.h) that gets the others.
Result<std::unique_ptr<Source>> make_source(const std::string& type, const Params& params);

}  // namespace edgert
