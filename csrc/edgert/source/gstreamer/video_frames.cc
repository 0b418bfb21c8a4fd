#include "edgert/source/gstreamer/video_frames.h"

#include <gst/allocators/gstdmabuf.h>

#include "edgert/memory/pool.h"

namespace edgert::gstreamer {

// Counts its users, as edgert's own pools do: frames outlive the source.
struct VideoFrames::Core {
  explicit Core(std::uint32_t budget) : holders(budget) {}
  void release() noexcept {
    if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  ObjectPool<Holder> holders;
  std::atomic<std::int64_t> users{1};
};

struct VideoFrames::Holder : Buffer {
  explicit Holder(Core* of) : Buffer(nullptr, 0, {}, &Holder::let_go), core(of) {}
  static void let_go(Buffer* buffer) noexcept {
    auto* self = static_cast<Holder*>(buffer);
    if (self->mapped) gst_video_frame_unmap(&self->video);
    self->mapped = false;
    gst_sample_unref(self->sample);
    self->sample = nullptr;
    Core* holder_core = self->core;
    holder_core->holders.give(self);
    holder_core->release();
  }
  Core* core;
  std::uint32_t pool_index = 0;
  GstSample* sample = nullptr;
  GstVideoFrame video{};
  bool mapped = false;
};

VideoFrames::VideoFrames(std::uint32_t budget, DmaBufUse dmabuf)
    : core_(new Core(budget)), dmabuf_(dmabuf) {
  gst_video_info_init(&info_);
}

VideoFrames::~VideoFrames() {
  gst_caps_replace(&caps_, nullptr);
  core_->release();
}

Status VideoFrames::describe(GstCaps* caps) {
  if (caps == caps_) return {};  // GStreamer shares the caps of all samples until they change
  if (!caps || !gst_video_info_from_caps(&info_, caps))
    return Status::invalid("gstreamer", "gives samples that are no raw video",
                           "end the pipeline with raw video, as videoconvert gives it");
  EDGERT_ASSIGN_OR_RETURN(format_, image_format(info_));
  gst_caps_replace(&caps_, caps);
  return {};
}

Result<bool> VideoFrames::fill(Frame& frame, GstSample* sample) {
  Holder* holder = core_->holders.take([this] { return std::make_unique<Holder>(core_); });
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  Status described = buffer ? describe(gst_sample_get_caps(sample))
                            : Status::invalid("gstreamer", "gave a sample without a buffer");
  if (!holder || !described.ok()) {
    if (holder) core_->holders.give(holder);
    gst_sample_unref(sample);
    if (!described.ok()) return described;
    return false;
  }
  core_->users.fetch_add(1, std::memory_order_relaxed);  // this object holds one itself
  holder->revive();
  holder->sample = sample;
  frame.owner = BufferRef::adopt(holder);
  frame.kind = FrameKind::kImage;
  frame.image = format_;
  frame.plane_count = static_cast<int>(GST_VIDEO_INFO_N_PLANES(&info_));
  pass(frame, buffer);
  if (frame.dmabuf.fd < 0 || dmabuf_ == DmaBufUse::kMap)
    EDGERT_RETURN_IF_ERROR(map(*holder, frame, buffer));
  return true;
}

// Sizes, strides and offsets; the file descriptor where there is one; no addresses.
void VideoFrames::pass(Frame& frame, GstBuffer* buffer) const {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  for (int i = 0; i < frame.plane_count; ++i) {
    const auto plane = static_cast<std::size_t>(i);
    frame.planes[plane] = {nullptr, meta ? meta->stride[i] : info_.stride[i],
                           GST_VIDEO_INFO_COMP_WIDTH(&info_, i),
                           GST_VIDEO_INFO_COMP_HEIGHT(&info_, i)};
    frame.dmabuf.offset[plane] =
        static_cast<std::int64_t>(meta ? meta->offset[i] : info_.offset[i]);
  }
  GstMemory* memory =
      gst_buffer_n_memory(buffer) == 1 ? gst_buffer_peek_memory(buffer, 0) : nullptr;
  frame.dmabuf.fd = memory && gst_is_dmabuf_memory(memory) ? gst_dmabuf_memory_get_fd(memory) : -1;
}

Status VideoFrames::map(Holder& holder, Frame& frame, GstBuffer* buffer) {
  // Without a description of where planes lie GStreamer maps a buffer whole, and puts it together.
  if (gst_buffer_n_memory(buffer) > 1 && !gst_buffer_get_video_meta(buffer))
    copied_.fetch_add(gst_buffer_get_size(buffer), std::memory_order_relaxed);
  // The sample is held already: a reference a map would only be counted up and down.
  const auto flags =
      static_cast<GstMapFlags>(GST_MAP_READ | static_cast<int>(GST_VIDEO_FRAME_MAP_FLAG_NO_REF));
  holder.mapped = gst_video_frame_map(&holder.video, &info_, buffer, flags);
  if (!holder.mapped)
    return Status::unavailable("gstreamer", "the memory of a sample can't be mapped for the CPU",
                               "end the pipeline with an element that gives system memory");
  for (int i = 0; i < frame.plane_count; ++i) {
    Plane& plane = frame.planes[static_cast<std::size_t>(i)];
    plane.data = static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&holder.video, i));
    plane.stride = GST_VIDEO_FRAME_PLANE_STRIDE(&holder.video, i);
  }
  return {};
}

GstSample* VideoFrames::sample_of(const Frame& frame) {
  return static_cast<const Holder*>(frame.owner.get())->sample;
}

}  // namespace edgert::gstreamer

extern "C" GstSample* edgert_gstreamer_sample(const edgert::Frame* frame) {
  return edgert::gstreamer::VideoFrames::sample_of(*frame);
}
