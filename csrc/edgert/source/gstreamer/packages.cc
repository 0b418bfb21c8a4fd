#include "edgert/source/gstreamer/packages.h"

#include <array>
#include <utility>

namespace edgert::gstreamer {
namespace {

constexpr std::string_view kBase = "gstreamer1.0-plugins-base", kGood = "gstreamer1.0-plugins-good",
                           kBad = "gstreamer1.0-plugins-bad", kUgly = "gstreamer1.0-plugins-ugly",
                           kLibav = "gstreamer1.0-libav", kJetson = "nvidia-l4t-gstreamer";

// By how an element's name begins; the longest beginning counts. From GStreamer's index of plug-ins
// (gstreamer.freedesktop.org/documentation/plugins_doc.html), by the module that each belongs to,
// and NVIDIA's Jetson Linux guide ("Accelerated GStreamer").
constexpr std::array<std::pair<std::string_view, std::string_view>, 62> kPackages{{
    {"videotestsrc", kBase},
    {"videoconvert", kBase},
    {"videoscale", kBase},
    {"videorate", kBase},
    {"audioconvert", kBase},
    {"audioresample", kBase},
    {"audiotestsrc", kBase},
    {"decodebin", kBase},
    {"uridecodebin", kBase},
    {"playbin", kBase},
    {"appsink", kBase},
    {"appsrc", kBase},
    {"theoradec", kBase},
    {"oggdemux", kBase},
    {"tcpclientsrc", kBase},
    {"rtspsrc", kGood},
    {"rtp", kGood},
    {"udpsrc", kGood},
    {"v4l2", kGood},
    {"souphttpsrc", kGood},
    {"jpegdec", kGood},
    {"pngdec", kGood},
    {"multipartdemux", kGood},
    {"matroskademux", kGood},
    {"qtdemux", kGood},
    {"avidemux", kGood},
    {"flvdemux", kGood},
    {"vp8dec", kGood},
    {"vp9dec", kGood},
    {"videocrop", kGood},
    {"videoflip", kGood},
    {"videobalance", kGood},
    {"ximagesrc", kGood},
    {"deinterlace", kGood},
    {"multifilesrc", kGood},
    {"videobox", kGood},
    {"h264parse", kBad},
    {"h265parse", kBad},
    {"av1parse", kBad},
    {"jpegparse", kBad},
    {"mpegvideoparse", kBad},
    {"tsdemux", kBad},
    {"hlsdemux", kBad},
    {"srtsrc", kBad},
    {"rtmp", kBad},
    {"webrtcbin", kBad},
    {"openh264dec", kBad},
    {"av1dec", kBad},
    {"v4l2sl", kBad},
    {"va", kBad},
    {"bayer2rgb", kBad},
    {"nvh26", kBad},
    {"mpeg2dec", kUgly},
    {"asfdemux", kUgly},
    {"avdec_", kLibav},
    {"avdemux_", kLibav},
    {"vaapi", "gstreamer1.0-vaapi"},
    {"libcamerasrc", "gstreamer1.0-libcamera"},
    {"nv", kJetson},
    {"gl", "gstreamer1.0-gl"},
    {"alsasrc", "gstreamer1.0-alsa"},
    {"pulsesrc", "gstreamer1.0-pulseaudio"},
}};

}  // namespace

std::vector<std::string> missing_elements(GstParseContext* context) {
  std::vector<std::string> names;
  gchar** found = gst_parse_context_get_missing_elements(context);
  for (gchar** name = found; name && *name; ++name) names.emplace_back(*name);
  g_strfreev(found);
  return names;
}

std::string_view package_of(std::string_view element) {
  std::pair<std::string_view, std::string_view> best;
  for (const auto& each : kPackages)
    if (element.starts_with(each.first) && each.first.size() > best.first.size()) best = each;
  return best.second;
}

std::string how_to_install(const std::vector<std::string>& elements) {
  std::string packages;
  for (const std::string& element : elements) {
    const std::string_view package = package_of(element);
    if (package.empty())
      return "check the name of " + element +
             ", or install the plug-in that has it; gst-inspect-1.0 "
             "lists what is there";
    if (packages.find(package) == std::string::npos) packages.append(" ").append(package);
  }
  return "install it: apt-get install" + packages;
}

}  // namespace edgert::gstreamer
