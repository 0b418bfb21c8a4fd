// A delegate plugin that takes every node of a graph and multiplies its input by `factor`. It
// remembers the addresses that its kernel was given, which shows whose memory a run used.
//
// Options: factor=N (default 2), fail=TEXT. It calls the engine that EDGERT_TFLITE_LIBRARY names,
// through the opaque delegate API of tensorflow/lite/core/c/c_api_opaque.h.
#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

struct Context;
struct Node;
struct OpaqueTensor;
struct Operator;
struct OpaqueDelegate;

struct IntArray {  // TfLiteIntArray; `size` numbers follow
  int size;
};

struct Builder {  // TfLiteOpaqueDelegateBuilder
  void* data;
  int (*prepare)(Context*, OpaqueDelegate*, void* data);
  void* buffer_handles[3];
  std::int64_t flags;
};

constexpr int kOk = 0;
constexpr int kDelegateOperator = 51;  // kTfLiteBuiltinDelegate
constexpr std::int64_t kAllowDynamicTensors = 1;

struct State {
  float factor = 2;
};

void* engine() {
  const char* path = std::getenv("EDGERT_TFLITE_LIBRARY");
  return dlopen(path ? path : "libtensorflowlite_c.so", RTLD_NOW | RTLD_LOCAL);
}

template <class Function>
Function* function(const char* name) {
  static void* const library = engine();
  return reinterpret_cast<Function*>(dlsym(library, name));
}

const OpaqueTensor* tensor(const char* getter, Context* context, Node* node) {
  return function<const OpaqueTensor*(Context*, Node*, int)>(getter)(context, node, 0);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) const void* edgert_test_last_input = nullptr;
__attribute__((visibility("default"))) const void* edgert_test_last_output = nullptr;
__attribute__((visibility("default"))) int edgert_test_living_delegates = 0;

static int prepare_kernel(void*, Context*, Node*) {
  return kOk;
}

static int invoke_kernel(void* data, Context* context, Node* node) {
  const OpaqueTensor* input = tensor("TfLiteOpaqueNodeGetInput", context, node);
  const OpaqueTensor* output = tensor("TfLiteOpaqueNodeGetOutput", context, node);
  auto* address = function<void*(const OpaqueTensor*)>("TfLiteOpaqueTensorData");
  auto* bytes = function<std::size_t(const OpaqueTensor*)>("TfLiteOpaqueTensorByteSize");
  const auto* from = static_cast<const float*>(address(input));
  auto* to = static_cast<float*>(address(output));
  edgert_test_last_input = from;
  edgert_test_last_output = to;
  for (std::size_t i = 0; i < bytes(input) / sizeof(float); ++i)
    to[i] = from[i] * static_cast<const State*>(data)->factor;
  return kOk;
}

static int prepare_delegate(Context* context, OpaqueDelegate* delegate, void* data) {
  IntArray* plan = nullptr;
  if (function<int(Context*, IntArray**)>("TfLiteOpaqueContextGetExecutionPlan")(context, &plan))
    return 1;
  Operator* kernel = function<Operator*(int, const char*, int, void*)>("TfLiteOperatorCreate")(
      kDelegateOperator, "edgert test delegate", 1, data);
  using Step = int (*)(void*, Context*, Node*);
  function<int(Operator*, Step)>("TfLiteOperatorSetPrepareWithData")(kernel, &prepare_kernel);
  function<int(Operator*, Step)>("TfLiteOperatorSetInvokeWithData")(kernel, &invoke_kernel);
  return function<int(Context*, Operator*, const IntArray*, OpaqueDelegate*)>(
      "TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels")(context, kernel, plan, delegate);
}

__attribute__((visibility("default"))) OpaqueDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, std::size_t count,
    void (*report)(const char*)) {
  auto* state = new State;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::strcmp(keys[i], "factor") == 0) state->factor = std::strtof(values[i], nullptr);
    if (std::strcmp(keys[i], "fail") == 0) {
      report(values[i]);
      delete state;
      return nullptr;
    }
  }
  const Builder builder{state, &prepare_delegate, {}, kAllowDynamicTensors};
  ++edgert_test_living_delegates;
  return function<OpaqueDelegate*(const Builder*)>("TfLiteOpaqueDelegateCreate")(&builder);
}

__attribute__((visibility("default"))) void tflite_plugin_destroy_delegate(
    OpaqueDelegate* delegate) {
  delete static_cast<State*>(
      function<void*(const OpaqueDelegate*)>("TfLiteOpaqueDelegateGetData")(delegate));
  function<void(OpaqueDelegate*)>("TfLiteOpaqueDelegateDelete")(delegate);
  --edgert_test_living_delegates;
}

}  // extern "C"
