#include "edgert/infer/backends/onnxruntime/engine.h"

#include <mutex>

#include "edgert/infer/engine_library.h"

namespace edgert::ort {
namespace {

// One arena for all sessions: what models need while they run is in memory for those that run at
// once, not for each that is loaded. It grows by what is asked, not by powers of two.
edgert::Status share_arena(const Engine& engine) {
  const Api& api = engine.api;
  constexpr const char* kKeys[] = {"arena_extend_strategy"};
  constexpr std::size_t kSameAsRequested[] = {1};
  ArenaConfig* config = nullptr;
  EDGERT_RETURN_IF_ERROR(
      api.status(api.CreateArenaCfgV2(kKeys, kSameAsRequested, 1, &config), "onnxruntime"));
  const Owned<ArenaConfig> owner(config, api.ReleaseArenaCfg);
  MemoryInfo* info = nullptr;
  EDGERT_RETURN_IF_ERROR(api.status(
      api.CreateCpuMemoryInfo(kArenaAllocator, kMemoryTypeDefault, &info), "onnxruntime"));
  const Owned<MemoryInfo> info_owner(info, api.ReleaseMemoryInfo);
  return api.status(api.CreateAndRegisterAllocator(engine.env, info, config), "onnxruntime");
}

Result<const Engine*> open() {
  EDGERT_ASSIGN_OR_RETURN(
      DynamicLibrary library,
      open_engine_library("onnxruntime", "libonnxruntime.so", "pip install onnxruntime"));
  EDGERT_ASSIGN_OR_RETURN(OpenedApi opened, open_api(library));
  auto made = std::make_unique<Engine>();
  made->api = opened.api;
  made->info = {opened.version, library.path()};
  const Api& api = made->api;
  EDGERT_RETURN_IF_ERROR(api.status(api.CreateEnv(kLogFatal, "edgert", &made->env), "onnxruntime"));
  EDGERT_RETURN_IF_ERROR(api.status(
      api.CreateCpuMemoryInfo(kDeviceAllocator, kMemoryTypeDefault, &made->cpu), "onnxruntime"));
  EDGERT_RETURN_IF_ERROR(
      api.status(api.GetAllocatorWithDefaultOptions(&made->allocator), "onnxruntime"));
  EDGERT_RETURN_IF_ERROR(share_arena(*made));
  return made.release();
}

}  // namespace

std::string Engine::take(char* text) const {
  if (!text) return {};
  std::string out(text);
  api.ReleaseStatus(api.AllocatorFree(allocator, text));
  return out;
}

Result<const Engine*> engine() {
  static std::mutex mutex;
  static const Engine* opened = nullptr;
  std::lock_guard lock(mutex);
  if (opened) return opened;
  EDGERT_ASSIGN_OR_RETURN(opened, open());
  return opened;
}

}  // namespace edgert::ort
