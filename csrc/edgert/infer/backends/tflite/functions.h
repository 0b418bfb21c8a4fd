// The part of the plain TensorFlow Lite C API that this backend calls, in prototypes of our own.
//
// Names and signatures are facts of tensorflow/lite/core/c/c_api.h and c_api_experimental.h, and
// xnnpack_delegate.h for the optional ones.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>

namespace edgert::tfl {

// What the engine owns; never looked into.
struct Model;
struct Options;
struct Interpreter;
struct EngineTensor;
struct Delegate;
struct WeightsCache;

inline constexpr int kOk = 0;  // TfLiteStatus

// TfLiteType, as far as edgert has dtypes for it.
enum class Type : int {
  kFloat32 = 1,
  kInt32 = 2,
  kUInt8 = 3,
  kInt64 = 4,
  kString = 5,
  kBool = 6,
  kInt16 = 7,
  kInt8 = 9,
  kFloat16 = 10,
  kFloat64 = 11
};

struct QuantizationParams {  // TfLiteQuantizationParams, returned by value
  float scale;
  std::int32_t zero_point;
};

struct CustomAllocation {  // TfLiteCustomAllocation
  void* data;
  std::size_t bytes;
};

// TfLiteXNNPackDelegateOptions. Only its beginning is named; the engine fills the rest, whose
// extent differs by version, with its own defaults. It is returned through memory of ours, which
// the true struct must fit: today it takes 72 bytes.
struct XnnpackOptions {
  std::int32_t threads;
  std::uint32_t runtime_flags, flags;
  WeightsCache* weights_cache;
  unsigned char rest[488];
};

using Reporter = void(void* context, const char* format, va_list arguments);

// ENTRY(name, result, arguments): all must be there.
#define EDGERT_TFLITE_FUNCTIONS(ENTRY)                                                             \
  ENTRY(TfLiteVersion, const char*, ())                                                            \
  ENTRY(TfLiteModelCreateWithErrorReporter, Model*, (const void*, std::size_t, Reporter*, void*))  \
  ENTRY(TfLiteModelDelete, void, (Model*))                                                         \
  ENTRY(TfLiteInterpreterOptionsCreate, Options*, ())                                              \
  ENTRY(TfLiteInterpreterOptionsDelete, void, (Options*))                                          \
  ENTRY(TfLiteInterpreterOptionsSetNumThreads, void, (Options*, std::int32_t))                     \
  ENTRY(TfLiteInterpreterOptionsSetErrorReporter, void, (Options*, Reporter*, void*))              \
  ENTRY(TfLiteInterpreterOptionsAddDelegate, void, (Options*, Delegate*))                          \
  ENTRY(TfLiteInterpreterCreate, Interpreter*, (const Model*, const Options*))                     \
  ENTRY(TfLiteInterpreterDelete, void, (Interpreter*))                                             \
  ENTRY(TfLiteInterpreterAllocateTensors, int, (Interpreter*))                                     \
  ENTRY(TfLiteInterpreterInvoke, int, (Interpreter*))                                              \
  ENTRY(TfLiteInterpreterResizeInputTensor, int,                                                   \
        (Interpreter*, std::int32_t, const int*, std::int32_t))                                    \
  ENTRY(TfLiteInterpreterGetInputTensorCount, std::int32_t, (const Interpreter*))                  \
  ENTRY(TfLiteInterpreterGetOutputTensorCount, std::int32_t, (const Interpreter*))                 \
  ENTRY(TfLiteInterpreterGetInputTensor, EngineTensor*, (const Interpreter*, std::int32_t))        \
  ENTRY(TfLiteInterpreterGetOutputTensor, const EngineTensor*, (const Interpreter*, std::int32_t)) \
  ENTRY(TfLiteTensorType, Type, (const EngineTensor*))                                             \
  ENTRY(TfLiteTensorNumDims, std::int32_t, (const EngineTensor*))                                  \
  ENTRY(TfLiteTensorDim, std::int32_t, (const EngineTensor*, std::int32_t))                        \
  ENTRY(TfLiteTensorByteSize, std::size_t, (const EngineTensor*))                                  \
  ENTRY(TfLiteTensorData, void*, (const EngineTensor*))                                            \
  ENTRY(TfLiteTensorName, const char*, (const EngineTensor*))                                      \
  ENTRY(TfLiteTensorQuantizationParams, QuantizationParams, (const EngineTensor*))

// tflite::logging_internal::MinimalLogger::SetMinimumLogSeverity, a static function that takes and
// returns an enumeration (tensorflow/lite/minimal_logging.h). Not of the C API: used where it is.
inline constexpr const char* kSetMinimumLogSeverity =
    "_ZN6tflite16logging_internal13MinimalLogger21SetMinimumLogSeverityENS_11LogSeverityE";
inline constexpr int kLogWarning = 2;  // TFLITE_LOG_WARNING

// ENTRY(name, result, arguments): null where the library lacks them. Without the first, a reset
// makes a new interpreter; without the next three, tensors are copied in and out; without the
// others, the engine's default kernels run; without the last three, each interpreter packs its own
// weights.
#define EDGERT_TFLITE_OPTIONAL_FUNCTIONS(ENTRY)                                                  \
  ENTRY(TfLiteInterpreterResetVariableTensors, int, (Interpreter*))                              \
  ENTRY(TfLiteInterpreterGetInputTensorIndex, std::int32_t, (const Interpreter*, std::int32_t))  \
  ENTRY(TfLiteInterpreterGetOutputTensorIndex, std::int32_t, (const Interpreter*, std::int32_t)) \
  ENTRY(TfLiteInterpreterSetCustomAllocationForTensor, int,                                      \
        (Interpreter*, int, const CustomAllocation*, std::int64_t))                              \
  ENTRY(TfLiteXNNPackDelegateCanUseInMemoryWeightCacheProvider, bool, ())                        \
  ENTRY(TfLiteXNNPackDelegateOptionsDefault, XnnpackOptions, ())                                 \
  ENTRY(TfLiteXNNPackDelegateCreate, Delegate*, (const XnnpackOptions*))                         \
  ENTRY(TfLiteXNNPackDelegateDelete, void, (Delegate*))                                          \
  ENTRY(TfLiteXNNPackDelegateWeightsCacheCreateWithSize, WeightsCache*, (std::size_t))           \
  ENTRY(TfLiteXNNPackDelegateWeightsCacheFinalizeSoft, bool, (WeightsCache*))                    \
  ENTRY(TfLiteXNNPackDelegateWeightsCacheDelete, void, (WeightsCache*))

}  // namespace edgert::tfl
