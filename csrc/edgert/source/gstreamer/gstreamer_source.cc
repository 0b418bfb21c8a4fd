#include "edgert/source/gstreamer/gstreamer_source.h"

#include <algorithm>
#include <memory>

#include "edgert/source/gstreamer/packages.h"

namespace edgert::gstreamer {
namespace {

constexpr const char* kWhere = "gstreamer";
constexpr const char* kSink = "edgert";  // the appsink's name; a pipeline may bring its own
constexpr GstClockTime kTurn = 50 * GST_MSECOND;  // a wait, before looking whether to end

struct Unref {
  void operator()(void* object) const { gst_object_unref(object); }
};
template <class T>
using Held = std::unique_ptr<T, Unref>;

std::string text_of(GError* error) {
  std::string text = error ? error->message : "no reason given";
  g_clear_error(&error);
  return text;
}

Status initialised() {
  GError* error = nullptr;
  if (gst_init_check(nullptr, nullptr, &error)) return {};
  return Status::unavailable(kWhere, "can't be started: " + text_of(error),
                             "check the installation: gst-inspect-1.0");
}

}  // namespace

Result<Options> Options::read(const Params& params) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"pipeline", "timeout", "wait", "budget", "paced", "look", "dmabuf"}));
  Options out;
  EDGERT_ASSIGN_OR_RETURN(out.pipeline, params.text("pipeline", ""));
  EDGERT_ASSIGN_OR_RETURN(out.timeout, params.real("timeout", out.timeout));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t wait, params.integer("wait", out.wait));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t budget, params.integer("budget", out.budget));
  EDGERT_ASSIGN_OR_RETURN(out.paced, params.boolean("paced", out.paced));
  EDGERT_ASSIGN_OR_RETURN(out.look, params.boolean("look", out.look));
  EDGERT_ASSIGN_OR_RETURN(const std::string dmabuf, params.text("dmabuf", "map"));
  if (out.pipeline.empty())
    return Status::invalid(kWhere, "there is no pipeline", "write one, as gst-launch-1.0 takes it");
  if (wait < 1 || wait > 64 || budget < 1 || budget > 4096 || !(out.timeout >= 0))
    return Status::invalid(kWhere, "wait, budget or timeout is out of range",
                           "wait is 1 to 64, budget 1 to 4096, timeout 0 or more seconds");
  if (dmabuf != "map" && dmabuf != "pass")
    return Status::invalid(kWhere, "dmabuf is '" + dmabuf + "'", "write map or pass");
  out.wait = static_cast<std::uint32_t>(wait);
  out.budget = static_cast<std::uint32_t>(budget);
  out.dmabuf = dmabuf == "map" ? DmaBufUse::kMap : DmaBufUse::kPass;
  return out;
}

GStreamerSource::GStreamerSource(Options options)
    : options_(std::move(options)), frames_(options_.budget, options_.dmabuf) {}

GStreamerSource::~GStreamerSource() {
  if (pipeline_) gst_element_set_state(pipeline_, GST_STATE_NULL);
  if (sink_) gst_object_unref(sink_);
  if (pipeline_) gst_object_unref(pipeline_);
}

Status GStreamerSource::open() {
  EDGERT_RETURN_IF_ERROR(initialised());
  EDGERT_RETURN_IF_ERROR(build());
  return options_.look ? look() : start();
}

// Ready: elements have opened their devices, and nothing flows.
Status GStreamerSource::look() {
  const bool failed = gst_element_set_state(pipeline_, GST_STATE_READY) == GST_STATE_CHANGE_FAILURE;
  Status told = failure();
  if (!failed || !told.ok()) return told;
  return Status::unavailable(kWhere, "the pipeline can't be opened", "try it with gst-launch-1.0");
}

Status GStreamerSource::build() {
  const bool own = options_.pipeline.find("appsink") != std::string::npos;
  const std::string text = options_.pipeline + (own ? "" : std::string(" ! appsink name=") + kSink);
  GError* error = nullptr;
  std::unique_ptr<GstParseContext, void (*)(GstParseContext*)> context(gst_parse_context_new(),
                                                                       &gst_parse_context_free);
  GstElement* parsed =
      gst_parse_launch_full(text.c_str(), context.get(), GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (!parsed) {
    const bool lacking = g_error_matches(error, GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT);
    const std::string said = "the pipeline can't be made: " + text_of(error);
    if (!lacking)
      return Status::invalid(kWhere, said,
                             "try it with gst-launch-1.0; gst-inspect-1.0 lists the elements");
    return Status(Code::kNotFound, kWhere, said, how_to_install(missing_elements(context.get())));
  }
  pipeline_ = GST_ELEMENT(gst_object_ref_sink(parsed));
  if (!GST_IS_BIN(pipeline_)) return Status::invalid(kWhere, "the pipeline has one element only");
  Held<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline_), kSink));
  if (!sink || !GST_IS_APP_SINK(sink.get()))
    return Status::invalid(kWhere, "no appsink of the pipeline is called edgert",
                           "write appsink name=edgert, or leave the appsink out");
  sink_ = GST_APP_SINK(sink.release());
  std::unique_ptr<GstCaps, void (*)(GstCaps*)> caps(gst_caps_from_string(kCaps), &gst_caps_unref);
  gst_app_sink_set_caps(sink_, caps.get());
  gst_app_sink_set_max_buffers(sink_, options_.wait);
  // Else the sink keeps the last sample that it showed, besides the one that was pulled last (which
  // it always keeps until the next pull): one buffer fewer for a camera that has four.
  g_object_set(sink_, "enable-last-sample", FALSE, nullptr);
  return {};
}

Status GStreamerSource::start() {
  // A live pipeline gives nothing while it is paused, which is how one is known.
  const GstStateChangeReturn paused = gst_element_set_state(pipeline_, GST_STATE_PAUSED);
  if (paused == GST_STATE_CHANGE_FAILURE) return failure();
  live_ = paused == GST_STATE_CHANGE_NO_PREROLL;
  gst_app_sink_set_drop(sink_, live_);
  g_object_set(sink_, "sync", static_cast<gboolean>(options_.paced && !live_), nullptr);
  if (gst_element_set_state(pipeline_, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return failure();
  Held<GstClock> clock(gst_element_get_clock(pipeline_));
  if (clock && GST_IS_SYSTEM_CLOCK(clock.get())) {
    GstClockType type = GST_CLOCK_TYPE_OTHER;
    g_object_get(clock.get(), "clock-type", &type, nullptr);
    clock_known_ = type == GST_CLOCK_TYPE_MONOTONIC;
  }
  return {};
}

// What the pipeline's bus says; ok when it says no error.
Status GStreamerSource::failure() {
  Held<GstBus> bus(gst_element_get_bus(pipeline_));
  std::unique_ptr<GstMessage, void (*)(GstMessage*)> message(
      gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR), &gst_message_unref);
  if (!message) return {};
  GError* error = nullptr;
  gchar* detail = nullptr;
  gst_message_parse_error(message.get(), &error, &detail);
  const std::string from = GST_OBJECT_NAME(GST_MESSAGE_SRC(message.get()));
  // The last line of the detail says what happened; those before it, in which file of GStreamer.
  std::string told = detail ? detail : "";
  g_free(detail);
  told = told.substr(told.rfind('\n') + 1);
  const std::string said = text_of(error);
  return Status::unavailable(kWhere, from + ": " + said + (told.empty() ? "" : " (" + told + ")"),
                             "try the pipeline with gst-launch-1.0; if formats don't fit, end it "
                             "with videoconvert");
}

// A sample, or null at the end.
Result<GstSample*> GStreamerSource::pull() {
  const Nanos until = options_.timeout > 0
                          ? now() + static_cast<Nanos>(options_.timeout * double{kSecond})
                          : kNever;
  while (!interrupted_.load()) {
    if (GstSample* sample = gst_app_sink_try_pull_sample(sink_, kTurn)) return sample;
    EDGERT_RETURN_IF_ERROR(failure());
    if (gst_app_sink_is_eos(sink_)) return nullptr;
    if (now() > until)
      return Status::unavailable(kWhere, "the pipeline gave nothing for too long",
                                 "check the camera, or give it a longer timeout");
  }
  return nullptr;
}

Result<bool> GStreamerSource::next(Frame& frame) {
  for (;;) {
    EDGERT_ASSIGN_OR_RETURN(GstSample * sample, pull());
    if (!sample) return false;
    const bool discontinuous = times(frame, sample);
    EDGERT_ASSIGN_OR_RETURN(const bool filled, frames_.fill(frame, sample));
    if (filled) {
      frame.gap_before = discontinuous || lost_;
      lost_ = false;
      return true;
    }
    held_.fetch_add(1);
    lost_ = true;
  }
}

// Sets media_time and capture. True: the stream says that this does not continue what came before.
bool GStreamerSource::times(Frame& frame, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  const GstClockTime running =
      buffer ? gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                           GST_BUFFER_PTS(buffer))
             : GST_CLOCK_TIME_NONE;
  frame.capture = now();
  const bool stamped = GST_CLOCK_TIME_IS_VALID(running);
  if (stamped && live_ && clock_known_) {
    const auto taken = static_cast<Nanos>(gst_element_get_base_time(pipeline_) + running);
    frame.capture = std::min(frame.capture, taken);  // a stamp of the future is none
  }
  if (!began_) first_capture_ = frame.capture;
  if (stamped && !GST_CLOCK_TIME_IS_VALID(first_)) first_ = running;
  frame.media_time = stamped && running >= first_ ? static_cast<Nanos>(running - first_)
                                                  : frame.capture - first_capture_;
  const bool gap = began_ && buffer && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  began_ = true;
  return gap;
}

}  // namespace edgert::gstreamer

extern "C" int edgert_source_abi() {
  return edgert::kSourceAbi;
}

extern "C" edgert::Source* edgert_make_source(const edgert::Params& params,
                                              edgert::Status& status) {
  auto options = edgert::gstreamer::Options::read(params);
  if (!options.ok()) {
    status = options.status();
    return nullptr;
  }
  return new edgert::gstreamer::GStreamerSource(std::move(options).value());
}
