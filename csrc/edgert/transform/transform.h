// The seam of transforms: pure functions from frames or tensors to tensors.
//
// A transform is made once for each node of a plan, from its parameters and the formats of its
// inputs, and refuses there what it cannot do. Contract of run(): it reads the inputs, obtains each
// output by context.allocate() (from the node's pool, no heap) or shares an input's buffer, and
// keeps nothing. Thread rule: run() of a stateless transform may be called by several lanes at
// once, so members are read-only after construction. A stateful one (stateful() is true) sees its
// frames in order, one at a time, and may keep state in members.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edgert/base/params.h"
#include "edgert/base/status.h"
#include "edgert/memory/frame.h"
#include "edgert/memory/tensor.h"

namespace edgert {

// What an input will be; exactly one is set.
struct InputFormat {
  const FrameFormat* frame = nullptr;
  const TensorSpec* tensor = nullptr;
};

// What an input is; exactly one is set.
struct Input {
  const Frame* frame = nullptr;
  const Tensor* tensor = nullptr;
};

// What a run may use. Implemented by the executor, and by TestContext for tests.
class RunContext {
 public:
  virtual ~RunContext() = default;
  // Sets output `index` to a tensor of the specified dtype and of `shape`, which must fit
  // the specification's max_bytes. Contents are undefined.
  virtual Status allocate(int index, const Shape& shape) = 0;
  virtual Tensor& output(int index) = 0;
  // Whether somebody will read output `index` of this run: one that nobody wants may be left alone.
  virtual bool wanted(int /*index*/) const { return true; }
  // Lane-local bytes, 64-byte aligned, valid until run() returns. One live area a run.
  virtual std::byte* scratch(std::size_t bytes) = 0;
};

class Transform {
 public:
  virtual ~Transform() = default;
  // Every output needs bytes() > 0: a static shape, or max_bytes for a dynamic one.
  virtual std::span<const TensorSpec> outputs() const = 0;
  virtual Status run(std::span<const Input> inputs, RunContext& context) = 0;

  virtual bool stateful() const { return false; }
  virtual void reset() {}  // of a stateful one: forget what was seen (a gap, a loop)
  // Takes a few microseconds: run at once by the lane that readied it, not queued.
  virtual bool cheap() const { return false; }
  // May wait for something outside the core (another language, another process): run on a lane
  // apart, so that no other node waits with it.
  virtual bool aside() const { return false; }
};

using TransformFactory = Result<std::unique_ptr<Transform>> (*)(
    const Params& params, std::span<const InputFormat> inputs);
using TransformMaker = std::function<Result<std::unique_ptr<Transform>>(
    const Params& params, std::span<const InputFormat> inputs)>;

// Of operations that give several outputs in one pass: the parameters of a node that has the
// outputs of `params` and, behind them, that of `more`, of the same inputs; none where it can't be.
using TransformJoin = std::optional<Params> (*)(const Params& params, const Params& more);

struct TransformEntry {
  std::string_view name;  // "image.to_tensor"
  TransformFactory make;
  TransformJoin join = nullptr;
};

// One function a family; registry.cc lists them.
std::span<const TransformEntry> image_transforms();
std::span<const TransformEntry> resize_transforms();
std::span<const TransformEntry> motion_transforms();
std::span<const TransformEntry> audio_transforms();
std::span<const TransformEntry> table_transforms();
std::span<const TransformEntry> tensor_transforms();
std::span<const TransformEntry> answer_transforms();
std::span<const TransformEntry> region_transforms();
std::span<const TransformEntry> track_transforms();

std::span<const TransformEntry> all_transforms();  // built in

// Adds an operation for the rest of the process; `from` says who brings it. Any thread, any time.
// A name that is taken is refused, but by the same `from` again, which changes nothing.
Status register_transform(std::string name, std::string from, TransformMaker make);
std::vector<std::string> registered_transforms();  // names that were added

Result<std::unique_ptr<Transform>> make_transform(std::string_view name, const Params& params,
                                                  std::span<const InputFormat> inputs);

std::optional<Params> join_transforms(std::string_view name, const Params& params,
                                      const Params& more);

}  // namespace edgert
