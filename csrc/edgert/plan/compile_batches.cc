#include "edgert/plan/compile_batches.h"

#include <algorithm>
#include <bit>
#include <random>

#include "edgert/plan/batch_check.h"
#include "edgert/plan/batch_run.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMostBuffers = 8192;

Shape input_shape(const Plan& plan, const CompiledNode& node, std::size_t input) {
  const ModelInput& feed = node.spec->model_inputs[input];
  if (feed.kind == ModelInput::Kind::kConstant) return feed.constant_shape;
  const ValueRef ref = node.spec->inputs[static_cast<std::size_t>(feed.value)];
  return node_of(plan.spec, ref.node).outputs[static_cast<std::size_t>(ref.output)].shape;
}

// What one work brings, if it brings one item: by input. Empty where that has no known shape.
std::vector<Shape> item_of(const Plan& plan, const CompiledNode& node) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < node.spec->model_inputs.size(); ++i) {
    const Shape shape = input_shape(plan, node, i);
    if (shape.rank() < 1 || shape[0] > 1) return {};
    shapes.push_back(with_items(shape, 1));
    if (!shapes.back().is_static()) return {};
  }
  return shapes;
}

// Nodes whose items have one shape are of one class.
std::vector<CompiledNode*> classify(Plan& plan, ModelHost& host) {
  std::vector<CompiledNode*> found;
  std::vector<std::vector<Shape>>& classes = host.item_shapes;
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      const auto site = std::ranges::find(node.sites, &host, &Site::model);
      if (site == node.sites.end()) continue;
      const std::vector<Shape> item = item_of(plan, node);
      if (item.empty()) continue;
      const auto known = std::ranges::find(classes, item);
      site->batch_class = static_cast<int>(known - classes.begin());
      if (known == classes.end()) classes.push_back(item);
      found.push_back(&node);
    }
  }
  return found;
}

// Of those that `host` runs.
std::vector<const CompiledNode*> one_of_each_class(const ModelHost& host,
                                                   const std::vector<CompiledNode*>& nodes) {
  std::vector<const CompiledNode*> found;
  for (const CompiledNode* node : nodes) {
    const auto site = std::ranges::find(node->sites, &host, &Site::model);
    if (site->batch_class == static_cast<int>(found.size())) found.push_back(node);
  }
  return found;
}

void make_memory(const Plan& plan, const ModelHost& host, const std::vector<CompiledNode*>& nodes) {
  Batching& batching = *host.batching;
  const ModelIo& io = host.model->io();
  const auto most = static_cast<std::size_t>(batching.rows(batching.most()));
  std::vector<std::size_t> items(io.inputs.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    for (const CompiledNode* node : nodes)
      items[i] =
          std::max(items[i],
                   static_cast<std::size_t>(with_items(input_shape(plan, *node, i), 1).elements()));
  for (int instance = 0; instance < host.instances; ++instance) {
    std::vector<Tensor>& inputs = batching.inputs.emplace_back();
    for (std::size_t i = 0; i < items.size(); ++i) {
      inputs.push_back(
          allocate_tensor(io.inputs[i].dtype, Shape{static_cast<std::int64_t>(most * items[i])}));
      std::fill_n(inputs.back().bytes_data(), inputs.back().bytes(), std::byte{0});
    }
  }
  for (std::size_t k = 0; k < io.outputs.size(); ++k) {
    std::size_t bytes = 0;
    bool known = true;
    for (const CompiledNode* node : nodes) {
      const TensorSpec& spec = node->spec->outputs[k];
      const Shape item = with_items(spec.shape, 1);
      known = known && item.is_static();
      bytes = std::max(bytes, static_cast<std::size_t>(std::max<std::int64_t>(item.elements(), 0)) *
                                  dtype_size(spec.dtype));
    }
    batching.outputs.push_back(
        known && bytes > 0 ? std::make_unique<BufferPool>(bytes * most, kMostBuffers) : nullptr);
  }
}

}  // namespace

Result<std::unique_ptr<Batching>> make_batching(const ModelSpec& spec, const ModelIo& io,
                                                bool keeps_state) {
  if (spec.batch == 1) return std::unique_ptr<Batching>();
  EDGERT_ASSIGN_OR_RETURN(const int fixed, check_batch(spec, io));
  if (keeps_state || fixed != spec.fixed)
    return Status::invalid("model '" + spec.name + "'", "the plan's batch is not the file's",
                           "make the plan again");
  return std::make_unique<Batching>(spec.batch, fixed);
}

bool batches_fit(const Plan& plan, int model, const ModelHost& host) {
  if (!host.batching) return true;
  for (const CompiledScope& scope : plan.scopes) {
    for (const CompiledNode& node : scope.nodes) {
      if (node.kind() != NodeKind::kModel || node.spec->model != model) continue;
      const std::vector<Shape> item = item_of(plan, node);
      if (!item.empty() && std::ranges::find(host.item_shapes, item) == host.item_shapes.end())
        return false;
    }
  }
  return true;
}

namespace {

Status prepare_batches(Plan& plan, ModelHost& host) {
  if (!host.batching) return {};
  const std::vector<CompiledNode*> nodes = classify(plan, host);
  if (host.seat) return {};  // it runs
  if (nodes.empty()) {
    host.batching->refuse("no step brings it one item of a known shape at a time");
    return {};
  }
  if (!host.computes()) return {};  // its times are known
  if (host.work) return try_batches_on_device(plan, one_of_each_class(host, nodes), host);
  make_memory(plan, host, nodes);
  return try_batches(plan, *nodes.front(), host);
}

}  // namespace

Status prepare_batches(Plan& plan) {
  for (std::size_t i = 0; i < plan.models.size(); ++i) {
    for (const auto& host : plan.models[i].hosts) {
      Status status = prepare_batches(plan, *host);
      if (!status.ok()) return status.within("model '" + plan.spec.models[i].name + "': batch");
    }
  }
  return {};
}

}  // namespace edgert
