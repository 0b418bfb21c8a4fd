// A plan file's runtime, one of its sensors, and what comes of that sensor's frames, printed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "edgert/runtime/runtime.h"

class PlanRun {
 public:
  // An empty `sensor` is the plan's first.
  static edgert::Result<PlanRun> open(const std::string& plan_file, std::string sensor);

  edgert::SensorPort& sensor() { return *sensor_; }
  void start();   // results are printed from the first one on, each a line of JSON
  void finish();  // waits until the sensor has finished and its last result is printed

 private:
  std::unique_ptr<edgert::Runtime> runtime_;
  edgert::SensorPort* sensor_ = nullptr;
  std::unique_ptr<std::mutex> output_ = std::make_unique<std::mutex>();
  std::vector<std::thread> readers_;
};

// Says why, and gives the exit status of a failure.
int refuse(const edgert::Status& status);
