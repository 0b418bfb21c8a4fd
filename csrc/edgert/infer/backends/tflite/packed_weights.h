// XNNPACK's packed copy of a file's weights, one for all interpreters of that file, whatever their
// number of threads. Without it each interpreter packs its own.
//
// The engine lets a weights cache be filled by the first interpreter and then sealed ("soft
// finalisation", xnnpack_delegate.h): later interpreters pack each weight into spare room, find it
// there already, and share it. What isn't found makes such an interpreter fail; the caller builds
// it without the cache then.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "edgert/infer/backends/tflite/engine.h"

namespace edgert::tfl {

class PackedWeights {
 public:
  // The cache that somebody in this process holds for this file (the same one, unchanged), or a new
  // one. Null where the engine has none to give. From any thread.
  static std::shared_ptr<PackedWeights> of(const Engine& engine, const std::string& path);
  PackedWeights(const Engine& engine, WeightsCache* cache) : engine_(engine), cache_(cache) {}
  PackedWeights(const PackedWeights&) = delete;
  PackedWeights& operator=(const PackedWeights&) = delete;
  ~PackedWeights() { engine_.TfLiteXNNPackDelegateWeightsCacheDelete(cache_); }

  WeightsCache* handle() const { return cache_; }
  // To be held while an interpreter is built and sealed.
  std::mutex& building() { return building_; }
  // After an interpreter was built with it, before that runs. False: the cache can't be used.
  bool seal();

 private:
  const Engine& engine_;
  WeightsCache* cache_;
  std::mutex building_;
  bool sealed_ = false;
};

}  // namespace edgert::tfl
