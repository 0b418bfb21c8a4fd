#pragma once

#include <atomic>

#include "edgert/infer/backends/tflite/model.h"
#include "edgert/infer/backends/tflite/slot.h"

namespace edgert::tfl {

class TfliteSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> make(std::shared_ptr<TfliteModel> model,
                                               std::unique_ptr<OwnedInterpreter> interpreter);

  Status run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override;
  Status reset() override;
  std::uint64_t bytes_copied() const override { return copied_.load(std::memory_order_relaxed); }

 private:
  explicit TfliteSession(std::shared_ptr<TfliteModel> model)
      : model_(std::move(model)), engine_(model_->engine()) {}
  Status adopt(std::unique_ptr<OwnedInterpreter> interpreter);
  Status allocate();
  Status prepare_for(std::span<const Tensor> inputs);
  Status resize(std::span<const Tensor> inputs);
  Status bind_input(Slot& slot, const Tensor& input);
  Status bind_output(Slot& slot, const TensorSpec& spec, Tensor& output);
  Status finish_output(const Slot& slot, const TensorSpec& spec, Tensor& output);
  Status no_memory(const std::string& what) const;
  void copy(void* to, const void* from, std::size_t bytes);

  std::shared_ptr<TfliteModel> model_;
  const Engine& engine_;
  std::unique_ptr<OwnedInterpreter> interpreter_;
  std::vector<Slot> inputs_, outputs_;
  std::vector<Shape> input_shapes_;       // that the interpreter is prepared for
  bool prepared_ = false;                 // false after a resize that failed
  std::atomic<std::uint64_t> copied_{0};  // read by metrics while a lane runs
};

}  // namespace edgert::tfl
