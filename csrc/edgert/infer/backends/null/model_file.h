// The `.null` format: a model of words. It stands in for an engine in tests and in measurements
// of dispatch, and can do wrong on purpose. One statement a line; `#` begins a comment.
//
//   input NAME DTYPE SHAPE     SHAPE is "1x4", "?x4" (free), or "scalar"
//   output NAME DTYPE SHAPE
//   echo                       output i is a copy of input i, else outputs are zeros
//   count                      the first element of output 0 (float32) is the number of this run
//   delay_us N                 each run takes N microseconds, asleep
//   delay_item_us N            and so many more for each entry of the first input's first axis
//   mix                        of an echo, outputs begin with the first element of the last entry
//   work_us N                  each run takes N microseconds of its core
//   load_us N                  loading takes that long
//   fail "TEXT"                each run fails with TEXT
//   fail_on N                  a run with the number N in its first input (float32) fails
//   fail_load "TEXT"           loading fails with TEXT
//   crash                      a run ends the process
//   allocate_mb N              a session holds that much touched memory
//   metadata KEY VALUE
#pragma once

#include <string>

#include "edgert/infer/backend.h"

namespace edgert::null {

struct ModelFile {
  ModelIo io;
  bool echo = false, count = false, crash = false, mix = false;
  std::int64_t delay_us = 0, delay_item_us = 0, work_us = 0, load_us = 0, allocate_mb = 0;
  std::int64_t fail_on = -1;
  std::string fail, fail_load;
};

// An error names the file and the line.
Result<ModelFile> read_model_file(const std::string& path);

}  // namespace edgert::null
