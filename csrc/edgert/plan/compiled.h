// A plan that runs: the nodes of each scope in an order in which inputs come first, with all that
// they need (operations, models, pools), and what each pipeline demands of each scope.
//
// Immutable once compiled, but for the state of stateful nodes (guarded by their sequencer), the
// pools and the metrics.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/base/status.h"
#include "edgert/infer/backend.h"
#include "edgert/memory/block_store.h"
#include "edgert/memory/pool.h"
#include "edgert/metrics/trace.h"
#include "edgert/plan/batching.h"
#include "edgert/plan/join_history.h"
#include "edgert/plan/last_result.h"
#include "edgert/plan/ledger.h"
#include "edgert/plan/node_times.h"
#include "edgert/plan/pretence.h"
#include "edgert/plan/recall.h"
#include "edgert/plan/sequencer.h"
#include "edgert/plan/site.h"
#include "edgert/plan/spec.h"
#include "edgert/sched/queues.h"
#include "edgert/sched/work.h"
#include "edgert/transform/transform.h"

namespace edgert {

struct Activation;
class CudaDevice;
struct Execution;
struct Generation;  // of the runtime that runs the plan
struct Plan;

// Outputs of fewer bytes keep blocks of their own: sharing them saves nothing, and lanes stay
// apart.
inline constexpr std::size_t kLeastShared = 4096;
inline constexpr std::uint32_t kMostRoots = 64;  // activations of one sensor at once

// Where an input is: `up` scopes further out, node `local` there, its output.
struct InputLocation {
  int up = 0, local = 0, output = 0;
};

struct NodeMetrics {
  Counter executed, demanded, failed, skipped, expired;
  Counter recalled;      // answered with an earlier result
  Counter cached;        // outputs that came from the request cache
  Histogram run, queue;  // ns
};

using JoinMetrics = std::array<Counter, kJoinAnswers>;  // questions by how they were answered

// A model loaded on one device, and the sessions that may run at once; session i belongs to
// instance i of the model's group. Where sessions keep state there are none: each node has its own.
// A plan that follows takes over those that it has, too, with all that is here.
struct ModelHost {
  Hash128 identity;
  std::shared_ptr<Model> model;
  std::vector<std::unique_ptr<Session>> sessions;
  std::unique_ptr<StreamModel> work;  // of a device that computes, in place of both
  int instances = 1;
  std::shared_ptr<const GroupSeat> seat;  // of the model's group
  Nanos load_time = 0;
  std::unique_ptr<Batching> batching;           // null: each run is of one work
  std::vector<std::vector<Shape>> item_shapes;  // by Site::batch_class, by input

  bool computes() const { return model || work; }  // false: a device only pretends
  const ModelIo& io() const { return work ? work->io() : model->io(); }
};

// A model of the plan where it may run: in the order of ModelSpec::devices.
struct PlacedModel {
  std::vector<std::shared_ptr<ModelHost>> hosts;
  std::shared_ptr<Whereabouts> whereabouts;  // null: there is one host
};

// What a node knows of the frames before; guarded by its sequencer.
struct NodeMemory {
  std::vector<Tensor> state;     // of a model, by input
  Nanos open_until = INT64_MIN;  // of a gate that holds
  std::uint64_t gaps_seen = 0;
  bool lost_one = false;  // it could not run on a frame of a stream
};

// What is shared here an equal node of a plan that follows takes over (carry.h): both go on with
// it, in the order of frames.

struct CompiledNode {
  const NodeSpec* spec = nullptr;
  int global = -1, local = -1;
  std::vector<InputLocation> inputs;
  std::vector<int> waits_for;      // nodes of this scope that must be resolved first
  std::vector<int> dependents;     // nodes of this scope that wait for this one
  std::vector<int> pipelines;      // in the root: slots of those whose result waits for this node
  std::vector<int> demanded_by;    // slots of all pipelines that may want this node
  std::vector<Owner> owners;       // the same as pipelines of the plan, by application
  std::vector<int> early_outputs;  // let go when their own readers are done
  std::vector<InputLocation> early_inputs;  // of such outputs, each once
  bool kept = false;  // in a scope: its outputs are read after the row is done
  std::shared_ptr<Transform> transform;
  // One; of a model that may run on several devices, one for each, in the order of its document.
  std::vector<Site> sites = std::vector<Site>(1);
  const Whereabouts* whereabouts = nullptr;  // of the latter
  std::shared_ptr<Session> session;  // of a model whose sessions keep state: this node's own
  std::vector<Tensor> constants;     // of a model, by input; empty where it is not one
  std::shared_ptr<NodeMemory> memory;
  std::vector<std::shared_ptr<BufferPool>> pools;   // by output; null: the engine's own memory
  std::uint32_t most_buffers = 0;                   // of each pool
  std::shared_ptr<Sequencer<Execution>> sequencer;  // of a stateful node
  int instances = 0;                                // of its own group; 0: it needs none
  std::shared_ptr<const GroupSeat> seat;            // of the group, where it is the node's own
  bool cheap = false;
  bool aside = false;              // its group is one of the lanes apart
  Nanos hold = 0;                  // of a gate that holds
  bool carries_over_gaps = false;  // of a model with state
  // Whose memory it took over; until its sensor's frames come here.
  const CompiledNode* before = nullptr;
  std::uint64_t gaps_shift = 0;          // so that another set of demanders looks like no gap
  std::shared_ptr<JoinHistory> history;  // of a keep: what is kept
  JoinHistory* asks = nullptr;           // of a join: the keep's
  int joiner = -1;                       // and which of those who ask there it is
  std::shared_ptr<JoinMetrics> joined;
  std::unique_ptr<Recall> recall;      // of a recall
  int recalls_of = -1;                 // of a recall: the node, in this scope
  std::uint32_t kept_for_recalls = 0;  // buffers that recalls hold beside frames under way
  std::vector<int> recalls;            // of a node: its recalls, in this scope
  std::shared_ptr<LastResult> last;    // of a node with recalls
  // Of such a node: its latest execution that is sure to run, the activation's number and place.
  std::unique_ptr<std::atomic<std::uint64_t>> flight;
  bool cacheable = false;      // its outputs may be kept for later requests (request_cache.h)
  Hash128 content_identity;    // then: what it computes of a frame's content
  std::vector<int> ancestors;  // in the root of a sensor with a cache: all that it is computed from
  std::shared_ptr<NodeMetrics> metrics;
  std::unique_ptr<NodeTimes> times = std::make_unique<NodeTimes>();

  NodeKind kind() const { return spec->kind; }
  // Of a model: one that is loaded; null where every device only pretends.
  const ModelHost* loaded() const {
    for (const Site& site : sites)
      if (site.model && site.model->computes()) return site.model;
    return nullptr;
  }
};

struct CompiledScope {
  Plan* plan = nullptr;
  int index = 0, parent = -1, sensor = -1;
  int entry = 0;        // local index of the source or region node
  int each_local = -1;  // in the parent
  std::vector<CompiledNode> nodes;
  std::vector<int> sequenced;  // local indices of nodes with a sequencer
  std::vector<int> order;      // of a root with a cache: local indices, inputs first
  std::vector<int> cacheable;  // likewise: of nodes that may be asked for
  std::unique_ptr<ObjectPool<Activation>> pool;
  std::uint32_t max_rows = 1;
};

// Nodes of one scope that one pipeline wants, always or when a condition is open.
struct Demand {
  int gate_scope = -1, gate_local = -1;  // -1: always
  struct Want {
    int local;
    int uses;               // how often the pipeline would compute it, were nothing shared
    std::uint32_t outputs;  // a bit for each that it reads
    int owner = 0;          // the pipeline's place among the node's owners
  };
  std::vector<Want> wants;
  // Only in frames that one of these slots is due in (knots.h); empty: in all.
  std::vector<int> beside;
};

// How its answers are read; they keep it, since they may outlive the plan.
struct PipelineOutline {
  struct Output {
    std::string name;
    bool by_row = false;
  };
  std::string name, application, sensor;
  int index = -1;                // in the plan
  std::uint64_t generation = 0;  // counts the runtime's plans
  OnMiss on_miss = OnMiss::kDrop;
  std::vector<Output> outputs;
};

struct CompiledOutput {
  std::string name;
  std::vector<int>
      path;             // scopes from the root's inner one down to the output's; empty in the root
  int root_local = -1;  // in the root: the node, or the each of path[0]
  int local = -1, output = 0;
  int gate_scope = -1, gate_local = -1;  // its condition, in a scope on the way; -1: always wanted
};

// Where a model is sent, and by site the number of the device in the ledger.
struct Movable {
  const Whereabouts* whereabouts = nullptr;
  std::vector<std::size_t> devices;
};

// A pipeline on its sensor, or what it wants kept of another sensor's stream for its joins. The
// latter is wanted of every frame, and has no results.
struct CompiledPipeline {
  const PipelineSpec* spec = nullptr;
  int index = -1, slot = -1;                 // in the plan, and among its sensor's
  int sensor = -1, of = -1;                  // `of`: the pipeline of the spec that it is, or feeds
  bool feeds = false;                        // wants things kept, and has no results
  std::vector<std::vector<Demand>> demands;  // by scope of the plan
  std::vector<CompiledOutput> outputs;
  std::vector<int> waits_for;  // root nodes, distinct
  int application = -1;
  std::uint32_t space = 0;  // of the request cache, where its results are seen
  // Devices that it needs for each frame, and those that it may use: a bit each, by their numbers
  // in the ledger. The processor always.
  std::uint32_t needs_devices = 1, uses_devices = 1;
  std::vector<Movable> needs_movable;  // models that it needs for each frame, and may be moved
  std::vector<NodeTimes::Follower> beginnings;  // what it always wants of a frame, first
  std::shared_ptr<const PipelineOutline> outline;
};

struct Plan {
  PlanSpec spec;
  std::vector<std::shared_ptr<CudaDevice>> devices;  // of the spec; null: it is simulated
  std::vector<PlacedModel> models;
  std::vector<CompiledScope> scopes;
  std::vector<CompiledPipeline> pipelines;               // those of the spec first, in its order
  std::vector<std::vector<int>> sensor_pipelines;        // pipelines by sensor
  std::vector<std::vector<CompiledNode*>> keeps, joins;  // nodes by the sensor of their frames
  std::map<std::string, std::shared_ptr<BlockStore>> stores;  // by who it is private to

  Ledger ledger;
  std::unique_ptr<Pretence> pretence;   // null: data is real
  const Clock* clock = &Clock::real();  // of all that runs it; set before the first frame
  std::shared_ptr<Trace> trace = std::make_shared<Trace>();
  Generation* generation = nullptr;
  // Sensors by numbers that plans which follow each other agree on: equal ones have one number.
  std::vector<int> sensor_numbers;
  int next_sensor_number = 0;

  CompiledNode& node_at(int global);
  // Whether some model may run on several devices.
  bool has_choices() const;
  const CompiledPipeline& pipeline_at(int sensor, int slot) const {
    return pipelines[static_cast<std::size_t>(
        sensor_pipelines[static_cast<std::size_t>(sensor)][static_cast<std::size_t>(slot)])];
  }
  std::vector<std::pair<int, int>> places;  // scope and local index by node
};

// Opens and warms every model (one run each), makes every transform, plans every buffer.
// `lanes` bounds how many executions can run at once. With a `pretence` no model is opened and no
// buffer is planned: nothing is computed.
// What `before`, which may run, has of it is taken over: models, and what nodes keep (carry.h).
// Meanwhile it must not be freed.
Result<std::unique_ptr<Plan>> compile_plan(PlanSpec spec, int lanes,
                                           const PretenceSpec* pretence = nullptr,
                                           const Plan* before = nullptr);

}  // namespace edgert
