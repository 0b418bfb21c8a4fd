// Builds a pipeline with the C++ API alone, a face detector on a camera, and runs it.
//
//   build_plan face_detection_short_range.tflite [FRAMES.yuv WIDTH HEIGHT]
//
// Without frames it draws some. The model is the zoo's face-detection-short (`edgert zoo get
// face-detection-short` prints its path); EDGERT_TFLITE_LIBRARY says where the engine's library is.
#include <cstdio>
#include <cstdlib>

#include "edgert/plan/builder.h"
#include "edgert/runtime/runtime.h"
#include "print.h"
#include "raw_video.h"

namespace {

constexpr int kDrawn = 5;  // frames, without a video

edgert::FrameFormat camera_format(int width, int height) {
  edgert::FrameFormat format;
  format.kind = edgert::FrameKind::kImage;
  format.image.pixel = edgert::PixelFormat::kYuv420p;
  format.image.width = width;
  format.image.height = height;
  return format;
}

// The operations and their parameters are those of docs/operations.md. A model's pixels are
// pixel · scale + offset, here in -1..1.
const edgert::Params kInput{{"width", std::int64_t{128}},
                            {"height", std::int64_t{128}},
                            {"fit", std::string("letterbox")},
                            {"scale", 2.0 / 255},
                            {"offset", -1.0}};
const edgert::Params kFaces{{"format", std::string("mediapipe")},
                            {"keypoints", std::int64_t{6}},
                            {"anchors", std::string("mediapipe")},
                            {"anchor_strides", std::vector<std::int64_t>{8, 16, 16, 16}},
                            {"scale_xy", 128.0},
                            {"activation", std::string("sigmoid")},
                            {"min_score", 0.5},
                            {"nms", std::string("weighted")},
                            {"iou", 0.3},
                            {"fit", std::string("letterbox")},
                            {"input_width", std::int64_t{128}},
                            {"input_height", std::int64_t{128}}};

edgert::Result<edgert::PlanSpec> build(const std::string& model_file, int width, int height) {
  edgert::PlanBuilder builder;
  EDGERT_RETURN_IF_ERROR(builder.application("door"));
  edgert::SensorOptions block;
  block.inbox = edgert::InboxPolicy::kBlock;  // push() waits rather than drop a frame
  EDGERT_ASSIGN_OR_RETURN(const edgert::ValueRef frame,
                          builder.sensor("camera", camera_format(width, height), block));

  edgert::ModelSpec spec;
  spec.name = "faces";
  spec.file = model_file;
  EDGERT_ASSIGN_OR_RETURN(const int model, builder.model(spec));
  EDGERT_ASSIGN_OR_RETURN(const edgert::ValueRef tensor,
                          builder.transform("image.to_tensor", kInput, {frame}));
  edgert::ModelFeed feed;
  feed.value = tensor;
  const std::string input = builder.model_io(model).inputs[0].name;
  EDGERT_ASSIGN_OR_RETURN(const edgert::ValueRef boxes, builder.run_model(model, {{input, feed}}));
  const edgert::ValueRef scores{boxes.node, 1};  // the model's second output
  EDGERT_ASSIGN_OR_RETURN(const edgert::ValueRef faces,
                          builder.transform("answer.boxes", kFaces, {boxes, scores, frame}));

  edgert::PipelineSpec pipeline;
  pipeline.name = "faces";
  pipeline.application = "door";
  pipeline.sensor = 0;
  pipeline.outputs = {{"faces", faces}};
  EDGERT_RETURN_IF_ERROR(builder.pipeline(pipeline).status());
  return builder.finish();
}

edgert::Status push_frames(edgert::SensorPort& camera, RawVideo* video, int width, int height) {
  for (int i = 0; video || i < kDrawn; ++i) {
    edgert::FrameRef frame = camera.blank();
    if (!video) draw_square(*frame, width, height);
    if (video && !video->read(*frame)) break;
    frame->media_time = i * (edgert::kSecond / 30);
    EDGERT_RETURN_IF_ERROR(camera.push(std::move(frame)).status());
  }
  return {};
}

edgert::Status run(const std::string& model_file, const char* video_file, int width, int height) {
  EDGERT_ASSIGN_OR_RETURN(edgert::PlanSpec plan, build(model_file, width, height));
  EDGERT_ASSIGN_OR_RETURN(auto runtime, edgert::Runtime::create(std::move(plan), {}));
  EDGERT_ASSIGN_OR_RETURN(edgert::PipelinePort * faces, runtime->pipeline("door/faces"));
  EDGERT_ASSIGN_OR_RETURN(edgert::SensorPort * camera, runtime->sensor("camera"));

  // Called on a lane, in the order of the frames and never twice at once. It must be quick; a
  // reader of its own thread calls runtime->next() instead, as run_plan.cc does.
  faces->set_callback(
      [&](const edgert::Answer& answer) { std::printf("%s\n", to_json(answer).c_str()); });
  runtime->start();
  edgert::Status pushed;
  if (video_file) {
    EDGERT_ASSIGN_OR_RETURN(RawVideo video, RawVideo::open(video_file, camera->format().image));
    pushed = push_frames(*camera, &video, width, height);
  } else {
    pushed = push_frames(*camera, nullptr, width, height);
  }
  camera->finish();
  runtime->stop();  // what was pushed is finished first
  return pushed;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && count != 5) {
    std::fprintf(stderr, "usage: build_plan MODEL.tflite [FRAMES.yuv WIDTH HEIGHT]\n");
    return 2;
  }
  const int width = count == 5 ? std::atoi(arguments[3]) : 640,
            height = count == 5 ? std::atoi(arguments[4]) : 480;
  const edgert::Status status =
      run(arguments[1], count == 5 ? arguments[2] : nullptr, width, height);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 1;
}
