#include "edgert/plan/room_plan.h"

#include <algorithm>

#include "edgert/memory/block_sizes.h"
#include "edgert/plan/liveness.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

constexpr std::uint64_t kLeastRegion = 65536;  // below it is not worth it

bool makes_tensors(NodeKind kind) {
  return kind != NodeKind::kRegion && kind != NodeKind::kKeep && kind != NodeKind::kRecall;
}

// What a frame needs of one store, by both ways. As the nodes would do it, one after the other.
class Need {
 public:
  // Alive from now on; a handle for end().
  std::size_t begin(std::uint64_t bytes, bool is_short) {
    sum_ += bytes;
    if (!is_short) long_ += bytes;
    if (is_short) short_now_ += bytes;
    short_peak_ = std::max(short_peak_, short_now_);
    alive_.push_back({bytes, is_short, take_block(bytes)});
    return alive_.size() - 1;
  }
  void end(std::size_t handle) {
    const Alive& one = alive_[handle];
    if (one.is_short) short_now_ -= one.bytes;
    if (one.block < blocks_.size()) blocks_[one.block].free = true;
  }

  std::uint64_t sum() const { return sum_; }
  std::uint64_t region() const { return short_peak_; }
  std::uint64_t in_regions() const { return short_peak_ + long_; }
  std::uint64_t in_blocks() const { return blocks_bytes_; }

 private:
  struct Block {
    std::uint64_t size = 0, used = 0;
    bool free = false;
  };
  struct Alive {
    std::uint64_t bytes = 0;
    bool is_short = false;
    std::size_t block = 0;
  };

  std::size_t take_block(std::uint64_t bytes) {
    const std::uint64_t size = block_bytes(bytes);
    std::size_t best = blocks_.size();
    if (bytes >= kLeastShared)
      for (std::size_t i = 0; i < blocks_.size(); ++i)
        if (blocks_[i].free && blocks_[i].size >= size && blocks_[i].size < 2 * size &&
            (best == blocks_.size() || blocks_[i].size < blocks_[best].size))
          best = i;
    if (best == blocks_.size()) {
      blocks_bytes_ += bytes;
      if (bytes < kLeastShared) return SIZE_MAX;
      blocks_.push_back({size, bytes, false});
      return best;
    }
    blocks_[best].free = false;
    if (bytes > blocks_[best].used) {
      blocks_bytes_ += bytes - blocks_[best].used;
      blocks_[best].used = bytes;
    }
    return best;
  }

  std::uint64_t sum_ = 0, long_ = 0, short_now_ = 0, short_peak_ = 0, blocks_bytes_ = 0;
  std::vector<Block> blocks_;
  std::vector<Alive> alive_;
};

using Needs = std::map<std::pair<std::string, int>, Need>;  // by whose alone it is, and sensor

Needs needs_of(const PlanSpec& spec, const ShortOutputs& short_ones) {
  const std::vector<std::vector<int>> until = last_readers(spec);
  Needs needs;
  std::vector<std::vector<std::pair<Need*, std::size_t>>> ends(spec.nodes.size() + 1);
  for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
    const NodeSpec& node = spec.nodes[i];
    Need& need = needs[{node.private_to, scope_of(spec, node.scope).sensor}];
    for (std::size_t at = 0; makes_tensors(node.kind) && at < node.outputs.size(); ++at) {
      const std::uint64_t bytes = node.outputs[at].bytes();
      if (bytes == 0) continue;  // it has no bound, and stays in the engine's memory
      const std::size_t handle = need.begin(bytes, short_ones[i][at]);
      ends[static_cast<std::size_t>(until[i][at])].emplace_back(&need, handle);
    }
    for (const auto& [of, handle] : ends[i]) of->end(handle);
  }
  return needs;
}

}  // namespace

ShortOutputs short_outputs(const PlanSpec& spec) {
  ShortOutputs found;
  for (const NodeSpec& node : spec.nodes)
    found.emplace_back(node.outputs.size(), makes_tensors(node.kind));
  const auto stays = [&](const ValueRef& value) {
    auto& of = found[static_cast<std::size_t>(value.node)];
    const auto at = static_cast<std::size_t>(value.output);
    if (at < of.size()) of[at] = false;
  };
  for (const PipelineSpec& pipeline : spec.pipelines)
    for (const OutputSpec& output : pipeline.outputs) stays(output.value);
  for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
    const NodeSpec& node = spec.nodes[i];
    // Rows go out with the results that are given by row.
    if (node.kind == NodeKind::kKeep || node.kind == NodeKind::kEach)
      for (const ValueRef& input : node.inputs)
        found[static_cast<std::size_t>(input.node)].assign(node_of(spec, input.node).outputs.size(),
                                                           false);
    if (node.of >= 0)
      found[static_cast<std::size_t>(node.of)].assign(node_of(spec, node.of).outputs.size(), false);
    for (const ModelInput& input : node.model_inputs)
      if (input.kind == ModelInput::Kind::kState) stays({static_cast<int>(i), input.state_output});
  }
  return found;
}

RoomPlan plan_room(const PlanSpec& spec, const ShortOutputs& short_ones) {
  const Needs needs = needs_of(spec, short_ones);
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> both;  // regions, blocks
  RoomPlan found;
  found.sensors.resize(spec.sensors.size());
  for (const auto& [of, need] : needs) {
    both[of.first].first += need.in_regions();
    both[of.first].second += need.in_blocks();
    std::uint64_t& region = found.regions[of.first];
    region = std::max(region, need.region());
  }
  for (auto& [owner, region] : found.regions)
    if (region < kLeastRegion || both[owner].first >= both[owner].second) region = 0;
  for (const auto& [of, need] : needs) {
    Room& room = found.sensors[static_cast<std::size_t>(of.second)];
    room.sum += need.sum();
    room.peak += found.regions[of.first] > 0 ? need.in_regions() : need.in_blocks();
  }
  return found;
}

}  // namespace edgert
