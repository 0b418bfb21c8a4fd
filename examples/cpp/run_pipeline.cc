// Runs a plan that `edgert compile DOCUMENTS -o box.plan` wrote on a source in C++, and prints each
// result as a line of JSON. No Python is involved.
//
//   run_pipeline box.plan 'videotestsrc num-buffers=100 ! video/x-raw,format=I420' [SENSOR]
//   run_pipeline box.plan bars [SENSOR]         the program's own source below
//
// A pipeline needs GStreamer, and an edgert that was built where its headers are.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "bars_source.h"
#include "edgert/source/feed.h"
#include "edgert/source/registry.h"
#include "plan_run.h"

namespace {

edgert::Result<std::unique_ptr<edgert::Source>> make(const std::string& what) {
  if (what != "bars") return edgert::make_source("gstreamer", {{"pipeline", what}});
  return std::unique_ptr<edgert::Source>(std::make_unique<BarsSource>(640, 480, 30));
}

int run(const std::string& plan_file, const std::string& what, std::string sensor_name) {
  auto opened = PlanRun::open(plan_file, std::move(sensor_name));
  if (!opened.ok()) return refuse(opened.status());
  auto source = make(what);
  if (!source.ok()) return refuse(source.status());
  opened->start();
  edgert::SourceThread thread(std::move(source).value(), opened->sensor());
  opened->finish();
  const edgert::Status ended = thread.join();
  std::fprintf(stderr, "%llu bytes were copied before frames entered\n",
               static_cast<unsigned long long>(thread.source().bytes_copied()));
  return ended.ok() ? 0 : refuse(ended);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 4) {
    std::fprintf(stderr, "usage: run_pipeline PLAN 'PIPELINE'|bars [SENSOR]\n");
    return 2;
  }
  return run(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
}
