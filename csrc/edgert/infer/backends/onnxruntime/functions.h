// The part of ONNX Runtime's C API that this backend calls, in declarations of our own.
//
// OrtApi is a struct of function pointers that only grows at its end, so an entry's index never
// changes. The indexes and signatures are facts of onnxruntime_c_api.h (API versions 17 and 21
// agree); tests/conformance compares them with the official header where one is installed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace edgert::ort {

// The lowest API version that has every entry below, so that old engines serve too.
inline constexpr std::uint32_t kApiVersion = 17;
inline constexpr const char* kOldestRelease = "1.17";

// What the engine owns; never looked into.
struct Status;
struct Env;
struct Session;
struct SessionOptions;
struct RunOptions;
struct Value;
struct MemoryInfo;
struct TypeInfo;
struct TensorInfo;
struct ModelMetadata;
struct Allocator;
struct TensorRtOptions;
struct CudaOptions;
struct ArenaConfig;
struct IoBinding;

// Element types and value kinds, numbered as ONNXTensorElementDataType and ONNXType are.
enum class ElementType : int {
  kUndefined,
  kFloat,
  kUInt8,
  kInt8,
  kUInt16,
  kInt16,
  kInt32,
  kInt64,
  kString,
  kBool,
  kFloat16,
  kDouble,
  kUInt32,
  kUInt64,
  kComplex64,
  kComplex128,
  kBFloat16
};
enum class ValueKind : int {
  kUnknown,
  kTensor,
  kSequence,
  kMap,
  kOpaque,
  kSparseTensor,
  kOptional
};

inline constexpr int kLogFatal = 4;           // OrtLoggingLevel: errors come back as values
inline constexpr int kOptimiseNothing = 0;    // GraphOptimizationLevel
inline constexpr int kOptimiseAll = 99;       // GraphOptimizationLevel
inline constexpr int kSequential = 0;         // ExecutionMode
inline constexpr int kDeviceAllocator = 0;    // OrtAllocatorType
inline constexpr int kArenaAllocator = 1;     // OrtAllocatorType
inline constexpr int kMemoryTypeDefault = 0;  // OrtMemType

// ENTRY(index, name, result, arguments)
#define EDGERT_ORT_FUNCTIONS(ENTRY)                                                              \
  ENTRY(2, GetErrorMessage, const char*, (const Status*))                                        \
  ENTRY(3, CreateEnv, Status*, (int, const char*, Env**))                                        \
  ENTRY(7, CreateSession, Status*, (const Env*, const char*, const SessionOptions*, Session**))  \
  ENTRY(9, Run, Status*,                                                                         \
        (Session*, const RunOptions*, const char* const*, const Value* const*, std::size_t,      \
         const char* const*, std::size_t, Value**))                                              \
  ENTRY(10, CreateSessionOptions, Status*, (SessionOptions**))                                   \
  ENTRY(11, SetOptimizedModelFilePath, Status*, (SessionOptions*, const char*))                  \
  ENTRY(13, SetSessionExecutionMode, Status*, (SessionOptions*, int))                            \
  ENTRY(23, SetSessionGraphOptimizationLevel, Status*, (SessionOptions*, int))                   \
  ENTRY(24, SetIntraOpNumThreads, Status*, (SessionOptions*, int))                               \
  ENTRY(25, SetInterOpNumThreads, Status*, (SessionOptions*, int))                               \
  ENTRY(30, SessionGetInputCount, Status*, (const Session*, std::size_t*))                       \
  ENTRY(31, SessionGetOutputCount, Status*, (const Session*, std::size_t*))                      \
  ENTRY(33, SessionGetInputTypeInfo, Status*, (const Session*, std::size_t, TypeInfo**))         \
  ENTRY(34, SessionGetOutputTypeInfo, Status*, (const Session*, std::size_t, TypeInfo**))        \
  ENTRY(36, SessionGetInputName, Status*, (const Session*, std::size_t, Allocator*, char**))     \
  ENTRY(37, SessionGetOutputName, Status*, (const Session*, std::size_t, Allocator*, char**))    \
  ENTRY(39, CreateRunOptions, Status*, (RunOptions**))                                           \
  ENTRY(49, CreateTensorWithDataAsOrtValue, Status*,                                             \
        (const MemoryInfo*, void*, std::size_t, const std::int64_t*, std::size_t, ElementType,   \
         Value**))                                                                               \
  ENTRY(51, GetTensorMutableData, Status*, (Value*, void**))                                     \
  ENTRY(55, CastTypeInfoToTensorInfo, Status*, (const TypeInfo*, const TensorInfo**))            \
  ENTRY(56, GetOnnxTypeFromTypeInfo, Status*, (const TypeInfo*, ValueKind*))                     \
  ENTRY(60, GetTensorElementType, Status*, (const TensorInfo*, ElementType*))                    \
  ENTRY(61, GetDimensionsCount, Status*, (const TensorInfo*, std::size_t*))                      \
  ENTRY(62, GetDimensions, Status*, (const TensorInfo*, std::int64_t*, std::size_t))             \
  ENTRY(65, GetTensorTypeAndShape, Status*, (const Value*, TensorInfo**))                        \
  ENTRY(68, CreateMemoryInfo, Status*, (const char*, int, int, int, MemoryInfo**))               \
  ENTRY(69, CreateCpuMemoryInfo, Status*, (int, int, MemoryInfo**))                              \
  ENTRY(76, AllocatorFree, Status*, (Allocator*, void*))                                         \
  ENTRY(78, GetAllocatorWithDefaultOptions, Status*, (Allocator**))                              \
  ENTRY(93, ReleaseStatus, void, (Status*))                                                      \
  ENTRY(94, ReleaseMemoryInfo, void, (MemoryInfo*))                                              \
  ENTRY(95, ReleaseSession, void, (Session*))                                                    \
  ENTRY(96, ReleaseValue, void, (Value*))                                                        \
  ENTRY(97, ReleaseRunOptions, void, (RunOptions*))                                              \
  ENTRY(98, ReleaseTypeInfo, void, (TypeInfo*))                                                  \
  ENTRY(99, ReleaseTensorTypeAndShapeInfo, void, (TensorInfo*))                                  \
  ENTRY(100, ReleaseSessionOptions, void, (SessionOptions*))                                     \
  ENTRY(111, SessionGetModelMetadata, Status*, (const Session*, ModelMetadata**))                \
  ENTRY(112, ModelMetadataGetProducerName, Status*, (const ModelMetadata*, Allocator*, char**))  \
  ENTRY(113, ModelMetadataGetGraphName, Status*, (const ModelMetadata*, Allocator*, char**))     \
  ENTRY(114, ModelMetadataGetDomain, Status*, (const ModelMetadata*, Allocator*, char**))        \
  ENTRY(115, ModelMetadataGetDescription, Status*, (const ModelMetadata*, Allocator*, char**))   \
  ENTRY(116, ModelMetadataLookupCustomMetadataMap, Status*,                                      \
        (const ModelMetadata*, Allocator*, const char*, char**))                                 \
  ENTRY(118, ReleaseModelMetadata, void, (ModelMetadata*))                                       \
  ENTRY(123, ModelMetadataGetCustomMetadataMapKeys, Status*,                                     \
        (const ModelMetadata*, Allocator*, char***, std::int64_t*))                              \
  ENTRY(133, RunWithBinding, Status*, (Session*, const RunOptions*, const IoBinding*))           \
  ENTRY(134, CreateIoBinding, Status*, (Session*, IoBinding**))                                  \
  ENTRY(135, ReleaseIoBinding, void, (IoBinding*))                                               \
  ENTRY(136, BindInput, Status*, (IoBinding*, const char*, const Value*))                        \
  ENTRY(137, BindOutput, Status*, (IoBinding*, const char*, const Value*))                       \
  ENTRY(138, BindOutputToDevice, Status*, (IoBinding*, const char*, const MemoryInfo*))          \
  ENTRY(140, GetBoundOutputValues, Status*,                                                      \
        (const IoBinding*, Allocator*, Value***, std::size_t*))                                  \
  ENTRY(144, CreateAndRegisterAllocator, Status*, (Env*, const MemoryInfo*, const ArenaConfig*)) \
  ENTRY(150, AddInitializer, Status*, (SessionOptions*, const char*, const Value*))              \
  ENTRY(157, ReleaseArenaCfg, void, (ArenaConfig*))                                              \
  ENTRY(164, CreateArenaCfgV2, Status*,                                                          \
        (const char* const*, const std::size_t*, std::size_t, ArenaConfig**))                    \
  ENTRY(130, AddSessionConfigEntry, Status*, (SessionOptions*, const char*, const char*))        \
  ENTRY(165, AddRunConfigEntry, Status*, (RunOptions*, const char*, const char*))                \
  ENTRY(170, SessionOptionsAppendExecutionProvider_TensorRT_V2, Status*,                         \
        (SessionOptions*, const TensorRtOptions*))                                               \
  ENTRY(171, CreateTensorRTProviderOptions, Status*, (TensorRtOptions**))                        \
  ENTRY(172, UpdateTensorRTProviderOptions, Status*,                                             \
        (TensorRtOptions*, const char* const*, const char* const*, std::size_t))                 \
  ENTRY(174, ReleaseTensorRTProviderOptions, void, (TensorRtOptions*))                           \
  ENTRY(204, SessionOptionsAppendExecutionProvider_CUDA_V2, Status*,                             \
        (SessionOptions*, const CudaOptions*))                                                   \
  ENTRY(205, CreateCUDAProviderOptions, Status*, (CudaOptions**))                                \
  ENTRY(206, UpdateCUDAProviderOptions, Status*,                                                 \
        (CudaOptions*, const char* const*, const char* const*, std::size_t))                     \
  ENTRY(208, ReleaseCUDAProviderOptions, void, (CudaOptions*))                                   \
  ENTRY(216, SessionOptionsAppendExecutionProvider, Status*,                                     \
        (SessionOptions*, const char*, const char* const*, const char* const*, std::size_t))

}  // namespace edgert::ort
