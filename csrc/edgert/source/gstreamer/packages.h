// Which package brings an element that a pipeline names and this machine lacks.
#pragma once

#include <gst/gst.h>

#include <string>
#include <string_view>
#include <vector>

namespace edgert::gstreamer {

// The elements that gst_parse_launch_full() did not find, in order.
std::vector<std::string> missing_elements(GstParseContext* context);

// Debian's name of the package (Ubuntu's is the same); empty where it isn't known.
std::string_view package_of(std::string_view element);

// What to do about elements that are missing.
std::string how_to_install(const std::vector<std::string>& elements);

}  // namespace edgert::gstreamer
