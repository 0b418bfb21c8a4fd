// What to say when a file needs an operator that the engine lacks.
#pragma once

#include "edgert/base/status.h"
#include "edgert/infer/backends/tflite/model_facts.h"

namespace edgert::tfl {

// `failure` as it is, or, when it tells of an operator that is not there, with its name and what
// can be done about it.
Status explain_missing_operator(Status failure, const std::string& file, const ModelFacts& facts);

}  // namespace edgert::tfl
