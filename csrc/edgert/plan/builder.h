// Builds a plan node by node. Equal nodes (same operation, parameters and inputs) are one node,
// whoever asks: this is where work is shared. Transforms that one pass can do are one node too,
// with an output for each.
//
// Every call checks what it can at once: parameters, formats, scopes, models. An error leaves the
// builder as it was. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "edgert/base/status.h"
#include "edgert/infer/backend.h"
#include "edgert/plan/node_set.h"
#include "edgert/plan/spec.h"
#include "edgert/transform/transform.h"

namespace edgert {

struct SensorOptions {
  InboxPolicy inbox = InboxPolicy::kBlock;
  int queue = 4;
  int in_flight = 4;
  bool cache = false;
};

struct GateOptions {
  std::int64_t index = 0;
  std::optional<double> above, below;
  std::string reduce = "any";     // any, all, first: over the rows of a gathered tensor
  double hold_ms = 0;             // stays open that long, in media time
  std::optional<ValueRef> under;  // this gate is only asked when that one is open
};

// How a frame of one sensor finds what belongs to its time in another's stream.
struct JoinOptions {
  std::string by = "nearest";          // in time; latest: at or before; interpolate: between two
  std::optional<double> tolerance_ms;  // how far apart at most; only `latest` does without
  // How long a frame waits for the other sensor. In media time: since that one last moved. Left
  // out: the tolerance and 100 ms, in media time 10 s.
  std::optional<double> wait_ms;
  std::string clock = "capture";  // or media: positions in recordings
  bool rows = false;              // of a table: each row is a sample with its own time
  std::optional<ValueRef> under;  // the condition behind which the value runs
};

// A pipeline accepts an earlier result of what gives `value`.
struct ReuseRule {
  ValueRef value;
  Nanos max_age = 0;  // in the stream's own time
  // As long as the scene looks as it did then: `cells` are levels of brightness, [rows, columns].
  // `threshold` is how much a cell may differ, `range` the cells that count: left, top, right and
  // bottom, in cells; all, if empty.
  std::optional<ValueRef> cells;
  double threshold = 0;
  std::vector<std::int64_t> range;
};

// An input of a model: a value, a constant tensor, or an output carried over from the last run.
struct ModelFeed {
  std::optional<ValueRef> value;
  Tensor constant;
  std::string state_of;  // name of the model's output
};

class PlanBuilder {
 public:
  PlanBuilder();

  Status application(const ApplicationSpec& spec);
  Status application(const std::string& name, double weight = 1) {
    return application(ApplicationSpec{name, weight});
  }
  // What is added from now on is private to `owner`: equal nodes of others are other nodes. Empty:
  // shared by all. Sensors' frames are nobody's.
  void private_to(const std::string& owner) { private_to_ = owner; }
  // Whether transforms that one pass can do become one node; comparisons switch it off.
  void fuse(bool on) { fuse_ = on; }
  bool fuses() const { return fuse_; }
  Result<ValueRef> sensor(const std::string& name, const FrameFormat& format,
                          const SensorOptions& options = {});
  // A device beside the processor; models are placed there by ModelSpec::devices.
  Result<int> device(const DeviceSpec& spec);
  // How long a model's runs take on a simulated device.
  Status run_times(int device, int model, ModelTimes times);
  // Opens the model to learn its inputs and outputs. Equal files with equal options are one model,
  // whose works run as one up to the largest batch that is asked for.
  Result<int> model(const ModelSpec& spec);
  // What a run of it is expected to take, by a profile: of the nodes that there are by now.
  void expect(int model, Nanos run) {
    for (NodeSpec& node : plan_.nodes)
      if (node.model == model) node.expected = run;
  }
  // As steps feed it: one item, where the file takes a fixed number of them and works are batched.
  const ModelIo& model_io(int model) const { return ios_[static_cast<std::size_t>(model)]; }

  Result<ValueRef> transform(const std::string& op, const Params& params,
                             const std::vector<ValueRef>& inputs, const std::string& name = {});
  Result<ValueRef> run_model(int model, const std::map<std::string, ModelFeed>& feeds,
                             const std::string& name = {}, OnGap on_gap = OnGap::kReset);
  // What runs once for each of the rows. Regions of the same rows are one, except that those with
  // another `apart` are others: pipelines whose conditions would wait for each other are kept
  // apart.
  Result<ValueRef> region(ValueRef rows, const std::string& apart = {});
  Result<ValueRef> gather(ValueRef value, bool stack = true);
  Result<ValueRef> gate(ValueRef value, const GateOptions& options, const std::string& name = {});
  // In the scope of `frame`, a sensor's source: what `value`, of another sensor, gave at its time.
  // A value that is computed once a window is a sample a window, at the window's end; every other
  // is one sample a frame, at the frame's end.
  Result<ValueRef> join(ValueRef frame, ValueRef value, const JoinOptions& options,
                        const std::string& name = {});
  Result<int> pipeline(const PipelineSpec& spec, const std::vector<ReuseRule>& rules = {});

  // Whether such a pipeline's conditions, with those of the pipelines that are there, would wait
  // for each other: compile_plan() would refuse the plan.
  bool waits_for_itself(const PipelineSpec& spec);

  // Checks the whole (something to do, no cycle through a scope) and hands the plan out.
  Result<PlanSpec> finish();

  const PlanSpec& plan() const { return plan_; }
  const NodeSpec& node(int index) const { return plan_.nodes[static_cast<std::size_t>(index)]; }
  Result<const TensorSpec*> tensor_spec(ValueRef value) const;
  // Of what gives a value, as if it gave nothing else.
  const Hash128& identity(ValueRef value) const;
  const FrameFormat* frame_format(ValueRef value) const;

 private:
  Status check(ValueRef value) const;
  Status check_device(const ModelSpec& spec, int on, const Backend& backend) const;
  Result<int> common_scope(const std::vector<ValueRef>& inputs) const;
  bool scope_within(int inner, int outer) const;
  int windows_of(int scope) const;
  Result<ValueRef> keep(ValueRef value, const JoinOptions& options);
  Hash128 identify(const NodeSpec& node) const { return identify(node, node.params); }
  Hash128 identify(const NodeSpec& node, const Params& meant) const;
  Status check_rule(const ReuseRule& rule, int sensor) const;
  int recall(const ReuseRule& rule, int gate);
  NodesByGate wanted_by(const PipelineSpec& spec) const;
  int asked_behind(const NodesByGate& by_gate, int wanted, int gate) const;
  Status check_reads(const std::vector<ReuseRule>& rules, const NodeSet& wanted);
  void drop_nodes_from(std::size_t count);
  Status add_reuse(PipelineSpec& spec, const std::vector<ReuseRule>& rules);
  // The equal node that is there, or this one added.
  ValueRef intern(NodeSpec node) {
    const Hash128 identity = identify(node);
    return intern(std::move(node), identity);
  }
  ValueRef intern(NodeSpec node, const Hash128& identity);
  // A node that is there, with one more output: what this transform gives.
  std::optional<ValueRef> join(const NodeSpec& transform, const Hash128& identity,
                               const std::vector<InputFormat>& formats);
  Result<std::vector<Tensor>> trial_run(int model, const NodeSpec& node, std::int64_t extent) const;
  Result<std::vector<TensorSpec>> model_outputs(int model, const NodeSpec& node) const;

  PlanSpec plan_;
  std::vector<std::shared_ptr<Model>> loaded_;
  std::vector<ModelIo> ios_;
  std::unordered_map<Hash128, ValueRef> by_identity_;
  std::map<std::pair<int, int>, Hash128> joined_;  // by node and output
  std::vector<std::vector<int>> opening_;  // by node, the conditions that open it for a pipeline
  std::string private_to_;
  bool fuse_ = true;
};

// The shape of what is fed where a model wants `wanted`: what both leave open is `extent`.
Shape fed_shape(const Shape& wanted, const Shape& given, std::int64_t extent);

}  // namespace edgert
