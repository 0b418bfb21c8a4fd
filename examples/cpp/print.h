// Results as JSON lines.
#pragma once

#include <string>

#include "edgert/plan/answer.h"

// One result on one line:
//   {"pipeline": "shop/people", "sequence": 0, "media_time": 0, "status": "ok", "missed": false,
//    "outputs": {"people": {"shape": [2, 6], "values": […]}}}
// "error" says why, where something failed. What ran once a region is a list of such entries with
// their "row"; what has no value is null.
std::string to_json(const edgert::Answer& answer);
