// TensorFlow Lite, opened.
#pragma once

#include "edgert/infer/backend.h"
#include "edgert/infer/backends/tflite/functions.h"

namespace edgert::tfl {

struct Engine {
#define EDGERT_TFLITE_MEMBER(name, result, arguments) result(*name) arguments = nullptr;
  EDGERT_TFLITE_FUNCTIONS(EDGERT_TFLITE_MEMBER)
  EDGERT_TFLITE_OPTIONAL_FUNCTIONS(EDGERT_TFLITE_MEMBER)
#undef EDGERT_TFLITE_MEMBER
  EngineInfo info;

  // Whether tensors can be pointed at memory of ours.
  bool can_bind() const {
    return TfLiteInterpreterSetCustomAllocationForTensor && TfLiteInterpreterGetInputTensorIndex &&
           TfLiteInterpreterGetOutputTensorIndex;
  }
  // Whether XNNPACK must be added by hand. The symbol that is asked for came with the options
  // struct that XnnpackOptions describes; libraries before it apply XNNPACK by themselves.
  bool has_xnnpack() const {
    return TfLiteXNNPackDelegateCanUseInMemoryWeightCacheProvider &&
           TfLiteXNNPackDelegateOptionsDefault && TfLiteXNNPackDelegateCreate &&
           TfLiteXNNPackDelegateDelete;
  }
  // Whether interpreters can share packed weights.
  bool has_weights_cache() const {
    return has_xnnpack() && TfLiteXNNPackDelegateWeightsCacheCreateWithSize &&
           TfLiteXNNPackDelegateWeightsCacheFinalizeSoft && TfLiteXNNPackDelegateWeightsCacheDelete;
  }
};

// Opens it on the first call that finds it; the engine lives as long as the process.
Result<const Engine*> engine();

}  // namespace edgert::tfl
