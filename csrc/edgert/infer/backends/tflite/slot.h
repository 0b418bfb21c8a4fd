// One input or output of an interpreter, and the memory it is bound to.
//
// The engine is told to use the caller's memory (a custom allocation, reassigned when the address
// changes; its kernels and XNNPACK read the address at each run). Where it refuses, or the memory
// doesn't suit, the session copies. A binding outlives the caller's memory, but nothing reads it
// before the next run binds again.
#pragma once

#include "edgert/infer/backends/tflite/engine.h"

namespace edgert::tfl {

class Slot {
 public:
  // `index` is the tensor's in the graph; below 0, it is never bound.
  Slot(const Engine& engine, Interpreter* interpreter, const EngineTensor* tensor, int index)
      : engine_(&engine),
        interpreter_(interpreter),
        tensor_(tensor),
        index_(index),
        bindable_(engine.can_bind() && index >= 0) {}

  // Before the engine allocates: tells it that this tensor's memory comes from outside, of
  // whatever size it turns out to need. Nothing may run before the next bind().
  void announce();

  // Makes the engine use `data` in place; false when it can't.
  bool bind(void* data, std::size_t bytes);
  // To memory of the slot's own, for copies; false when it can't, and the engine's is used.
  bool bind_own();

  // Whether the engine may use this memory: aligned, and, when it `overreads`, followed by bytes
  // that may be read.
  static bool suits(const Tensor& tensor, bool overreads);

  const EngineTensor* tensor() const { return tensor_; }
  std::size_t bytes() const { return engine_->TfLiteTensorByteSize(tensor_); }
  void* data() const { return engine_->TfLiteTensorData(tensor_); }
  bool bindable() const { return bindable_; }

 private:
  const Engine* engine_;
  Interpreter* interpreter_;
  const EngineTensor* tensor_;
  int index_;
  bool bindable_;
  void* bound_ = nullptr;
  BufferRef own_;
};

}  // namespace edgert::tfl
