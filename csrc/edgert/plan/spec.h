// A plan as data: what the builder makes, what a plan file holds, what the compiler turns into
// something that runs. Indices refer to the vectors of PlanSpec.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/hash.h"
#include "edgert/base/params.h"
#include "edgert/device/sim/run_times.h"
#include "edgert/memory/format.h"
#include "edgert/memory/tensor.h"

namespace edgert {

enum class NodeKind : std::uint8_t {
  kSource,     // the sensor's frame
  kTransform,  // an operation of the transform registry
  kModel,      // a run of a model
  kRegion,     // in a scope: this activation's row of the scope's rows
  kEach,       // in the parent: runs the scope once a row
  kGather,     // in the parent: the results of the scope, stacked
  kGate,       // open or closed, from a tensor
  kKeep,       // what it reads is kept by time, for the frames of other sensors
  kJoin,       // of a kept stream of another sensor: what belongs to this frame's time
  kRecall,     // closed: an earlier result of another node serves a pipeline, too
};

// One output of one node.
struct ValueRef {
  int node = -1;
  int output = 0;
  friend bool operator==(const ValueRef&, const ValueRef&) = default;
};

// How a model's input is fed.
struct ModelInput {
  enum class Kind : std::uint8_t { kValue, kConstant, kState } kind = Kind::kValue;
  int value = -1;        // kValue: index in the node's inputs
  std::string constant;  // kConstant: the tensor's bytes
  Shape constant_shape;
  int state_output = -1;  // kState: the model's output that is carried over
};

// What a model's state does where frames of its stream were lost.
enum class OnGap : std::uint8_t { kReset, kCarry };

struct NodeSpec {
  NodeKind kind = NodeKind::kTransform;
  std::string op;    // of a transform; else the kind's name
  std::string name;  // for people: the step that asked first
  Params params;
  std::vector<ValueRef> inputs;
  int scope = 0;   // where it runs; 0 is the root
  int inner = -1;  // kEach: the scope it runs; kGather, kKeep: the scope it reads, or -1
  int gate = -1;   // kKeep: the condition behind which what it reads runs, or -1; kRecall: the one
                   // behind which it is asked
  int of = -1;     // kRecall: the node whose results it looks for
  int model = -1;
  std::vector<ModelInput> model_inputs;
  std::vector<TensorSpec> outputs;
  Hash128 identity;
  // Whose alone it is: never one with an equal node of somebody else, and never cached. Empty: all
  // may share it.
  std::string private_to;
  Nanos expected = 0;     // run time by a profile, until runs are measured; 0: unknown
  bool stateful = false;  // it must see all frames, in order

  OnGap on_gap() const { return params.has("on_gap") ? OnGap::kCarry : OnGap::kReset; }
};

// What runs once for each row of `rows`.
struct ScopeSpec {
  int parent = -1;
  int sensor = -1;
  int region_node = -1, each_node = -1;
};

enum class InboxPolicy : std::uint8_t { kLatest, kQueue, kBlock };

struct SensorSpec {
  std::string name;
  FrameFormat format;
  InboxPolicy inbox = InboxPolicy::kBlock;
  int queue = 4;      // frames that may wait
  int in_flight = 4;  // activations that may run at once
  int node = -1;
  int scope = -1;      // its root scope
  bool cache = false;  // results of equal frames are kept
};

struct ModelSpec {
  std::string name, file, backend;
  int threads = 1;
  int instances = 0;  // at once; 0: as lanes where sessions are cheap, else 1; -n: as lanes, to n
  int batch = 1;      // works that may run as one, at most
  int fixed = 0;      // if so: items that each run of the file takes; 0: any number
  Params engine;
  Hash128 content;          // of the file
  std::uint64_t bytes = 0;  // of the file
  std::string private_to;   // its sessions and queue; the weights are everybody's
  // Where it may run: of the plan's devices; -1: the processor. On the first, unless something
  // decides otherwise.
  std::vector<int> devices{-1};
};

// Where each run ends first, in place of a device's name.
inline constexpr const char* kSoonestName = "soonest";

// A device beside the processor, on whose streams models run.
struct DeviceSpec {
  std::string name, type = "sim";
  int streams = 1;
  int in_flight = 2;  // runs that a stream takes: one that runs, and those enqueued behind it
  DeviceTimes times;  // of a simulated one: by model of the plan
  int gpu = 0;        // of type "cuda": which
};

struct OutputSpec {
  std::string name;
  ValueRef value;
  int gate = -1;  // node, or -1: always wanted
};

// A pipeline takes an earlier result of `node`, wanted behind condition `gate`, when `recall` says
// so; then it does not want what only that node is computed from.
struct ReuseSpec {
  int node = -1;
  int gate = -1;  // or -1: always wanted
  int recall = -1;
};

// kLast: answers from the last result, with its age.
enum class OnMiss : std::uint8_t { kDrop, kLate, kLast };
enum class WhenFull : std::uint8_t { kBlock, kDropOldest };
enum class Overload : std::uint8_t { kDrop, kSkip };
enum class Share : std::uint8_t { kAll, kPrivate };

struct PipelineSpec {
  std::string name, application;
  int sensor = -1;
  std::vector<OutputSpec> outputs;
  double rate = 0;    // activations a second at most; 0: every frame
  int every = 1;      // each N-th frame
  Nanos latency = 0;  // bound from capture to result; 0: none
  OnMiss on_miss = OnMiss::kDrop;
  int queue = 16;  // results that may wait for their reader
  WhenFull when_full = WhenFull::kBlock;
  Overload overload = Overload::kDrop;  // kSkip: passes over evenly spread frames
  Share share = Share::kAll;            // kPrivate: as its nodes say by private_to
  std::vector<ReuseSpec> reuse;
};

// Who gets results that were computed of equal content: the application alone, all that say so,
// too, or nobody.
enum class CacheShare : std::uint8_t { kOwn, kOthers, kOff };

// Who owns pipelines, and what it may use. A limit of 0 is none.
inline constexpr const char* kProcessorName = "cpu";  // what no device may be called

// A part of a device's time.
struct DeviceShare {
  std::string device;
  double share = 0;  // 0 to 1
  friend bool operator==(const DeviceShare&, const DeviceShare&) = default;
};

struct ApplicationSpec {
  std::string name;
  double weight = 1;               // of its device time when there is more to do than can be done
  int priority = 0;                // under order: priority; larger is more urgent
  double rate_limit = 0;           // frames a second, of all its pipelines together
  std::int64_t queue_limit = 0;    // frames that its pipelines were not answered for yet
  std::uint64_t memory_limit = 0;  // bytes of models
  double device_share = 0;         // of each device's time, at most; 0 (no limit) to 1
  CacheShare cache = CacheShare::kOwn;
  std::vector<DeviceShare> device_shares = {};  // of these devices another one
};

inline constexpr std::size_t kMostDevices = 16;  // of a plan, beside the processor

struct PlanSpec {
  std::vector<SensorSpec> sensors;
  std::vector<ModelSpec> models;
  std::vector<ScopeSpec> scopes;
  std::vector<NodeSpec> nodes;
  std::vector<PipelineSpec> pipelines;
  std::vector<ApplicationSpec> applications;
  std::vector<DeviceSpec> devices;
};

// As documents and metrics call a device of the plan; -1: the processor.
inline std::string device_name(const PlanSpec& plan, int device) {
  return device < 0 ? kProcessorName : plan.devices[static_cast<std::size_t>(device)].name;
}

}  // namespace edgert
