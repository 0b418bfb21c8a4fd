#include "edgert/cache/result_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "edgert/cache/result_store.h"

namespace edgert {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

std::size_t padded(std::size_t bytes) {
  return (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
}

// Whether the bytes can be copied out, by the processor and at once.
bool copyable(const Tensor& tensor) {
  return !tensor || (tensor.contiguous() && tensor.buffer()->device().kind == DeviceKind::kCpu);
}

// Sooner one that is there than one that is being computed.
CachedResult* result_of(Content& content, const Hash128& node,
                        std::span<const std::uint32_t> spaces) {
  CachedResult* found = nullptr;
  for (const auto& result : content.results) {
    if (!(result->node == node) || !std::ranges::includes(result->spaces, spaces)) continue;
    found = result.get();
    if (!found->lead) break;
  }
  return found;
}

// The same work's, that others had computed.
CachedResult* twin_of(const CachedResult& made) {
  for (const auto& result : static_cast<Content&>(*made.content).results)
    if (result->node == made.node && !result->lead) return result.get();
  return nullptr;
}

void add_spaces(CachedResult& to, const std::vector<std::uint32_t>& more) {
  std::vector<std::uint32_t> all;
  std::ranges::set_union(to.spaces, more, std::back_inserter(all));
  to.spaces = std::move(all);
}

void give(const BufferRef& memory, const std::vector<CachedResult::Output>& kept,
          std::span<Tensor> into) {
  for (std::size_t i = 0; i < into.size(); ++i)
    into[i] =
        kept[i].there ? Tensor(memory, kept[i].dtype, kept[i].shape, kept[i].offset) : Tensor();
}

// Copies the outputs into memory of the store's; null: there is no room.
BufferRef keep_copies(const std::shared_ptr<ResultStore>& store, std::span<const Tensor> outputs,
                      std::vector<CachedResult::Output>& into) {
  std::size_t bytes = 0;
  for (const Tensor& output : outputs) {
    if (!copyable(output)) return {};
    into.push_back({static_cast<bool>(output), bytes, output.shape(), output.dtype()});
    bytes += output ? padded(output.bytes()) : 0;
  }
  if (!store->reserve(bytes)) return {};
  void* data = allocate_aligned(bytes);
  if (!data) {
    store->give_back(bytes);
    return {};
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i])
      std::memcpy(static_cast<std::byte*>(data) + into[i].offset, outputs[i].bytes_data(),
                  outputs[i].bytes());
  return BufferRef::adopt(new Kept(store, data, bytes));
}

}  // namespace

ResultCache::ResultCache(std::size_t limit)
    : ResultCache(limit, [key = HashKey::random()](const Frame& frame, const FrameForm& form) {
        return hash_of(frame, form, key);
      }) {}

ResultCache::ResultCache(std::size_t limit, Hash hash)
    : core_(std::make_shared<Core>(limit, std::move(hash))) {}

ResultCache::~ResultCache() {
  core_->clear();
}

BufferRef ResultCache::retain(const Frame& frame) {
  const FrameForm form = form_of(frame);
  if (form.bytes == 0) return {};
  const Hash128 hash = core_->hash(frame, form);
  ResultStore::Shard& shard = core_->shard_of(hash);
  const auto there = [&]() -> Content* {  // with the lock
    const auto found = shard.contents.find(hash);
    return found != shard.contents.end() && found->second->try_retain() ? found->second : nullptr;
  };
  const auto same = [&](BufferRef found) -> BufferRef {
    auto& content = static_cast<Content&>(*found);
    if (content.form == form && same_bytes(frame, content.data())) return found;
    core_->collisions.add();
    return {};
  };
  Content* found = nullptr;
  {
    const std::lock_guard lock(shard.lock);
    found = there();
  }
  if (found) return same(BufferRef::adopt(found));
  if (!core_->reserve(form.bytes)) return {};
  void* data = allocate_aligned(form.bytes);
  if (!data) {
    core_->give_back(form.bytes);
    return {};
  }
  copy_bytes(frame, static_cast<std::byte*>(data));
  auto* made = new Content(core_, hash, form, data);
  BufferRef mine = BufferRef::adopt(made);
  core_->contents.add();
  {
    const std::lock_guard lock(shard.lock);
    found = there();
    if (!found) shard.contents[hash] = made;  // also in place of one whose last reference is gone
  }
  return found ? same(BufferRef::adopt(found)) : mine;
}

Found ResultCache::find(Buffer& buffer, const Hash128& node, std::span<const std::uint32_t> spaces,
                        Seeker& seeker, std::span<Tensor> outputs, Nanos& cost,
                        const Waits& waits) {
  auto& content = static_cast<Content&>(buffer);
  ResultStore::Shard& shard = core_->shard_of(content);
  seeker.content = &content;
  seeker.result.store(nullptr, kRelaxed);
  seeker.next = seeker.waiting = nullptr;
  const std::lock_guard lock(shard.lock);
  CachedResult* result = result_of(content, node, spaces);
  if (!result) {
    content.results.push_back(std::make_unique<CachedResult>());
    result = content.results.back().get();
    seeker.result.store(result, kRelaxed);
    result->node = node;
    result->spaces.assign(spaces.begin(), spaces.end());
    result->content = BufferRef::share(&content);
    result->lead = &seeker;
    core_->misses.add();
    return Found::kLead;
  }
  if (result->lead) {
    seeker.outputs = outputs;
    seeker.next = result->lead->waiting;
    result->lead->waiting = &seeker;
    core_->waits.add();
    if (waits) waits(*result->lead);
    return Found::kWait;
  }
  give(result->memory, result->outputs, outputs);
  cost = result->cost;
  seeker.took = result->took;
  result->uses += 1;
  core_->rank(shard, *result, false);
  core_->hits.add();
  return Found::kHit;
}

Seeker* ResultCache::complete(Seeker& lead, bool keep, std::span<const Tensor> outputs,
                              Nanos cost) {
  std::vector<CachedResult::Output> forms;
  BufferRef memory, spare;  // the spare one is freed after the lock
  // If it is given up meanwhile, which the lock tells, then copying was for nothing. Acquire: if it
  // was given up, the lock isn't taken, and who waits is known from who gave it up.
  if (lead.result.load(std::memory_order_acquire)) {
    if (keep) memory = keep_copies(core_, outputs, forms);
    std::unique_ptr<CachedResult> dropped;  // after the lock
    ResultStore::Shard& shard = core_->shard_of(static_cast<Content&>(*lead.content));
    const std::lock_guard lock(shard.lock);
    CachedResult* result = lead.result.load(kRelaxed);
    lead.result.store(nullptr, kRelaxed);
    if (CachedResult* twin = result && memory ? twin_of(*result) : nullptr) {
      add_spaces(*twin, result->spaces);
      spare = std::exchange(memory, twin->memory);
      forms = twin->outputs;
      dropped = ResultStore::take(*result);
    } else if (result && memory) {
      result->lead = nullptr;
      result->memory = memory;
      result->outputs = forms;
      result->cost = cost;
      result->took = lead.took;
      core_->results.add();
      core_->rank(shard, *result, true);
    } else if (result) {
      dropped = ResultStore::take(*result);
    }
  }
  // Nobody comes any more: what it led is there, or gone.
  Seeker* first = nullptr;  // who came last is first in the list
  for (Seeker* seeker = std::exchange(lead.waiting, nullptr); seeker;) {
    Seeker* following = seeker->next;
    if (memory)
      give(memory, forms, seeker->outputs);
    else
      std::ranges::copy(outputs, seeker->outputs.begin());
    seeker->took = lead.took;
    seeker->next = first;
    first = seeker;
    seeker = following;
  }
  return first;
}

bool ResultCache::give_up(Seeker& lead, Nanos time) {
  std::unique_ptr<CachedResult> dropped;  // after the lock
  ResultStore::Shard& shard = core_->shard_of(static_cast<Content&>(*lead.content));
  const std::lock_guard lock(shard.lock);
  CachedResult* result = lead.result.load(kRelaxed);
  for (const Seeker* seeker = result ? lead.waiting : nullptr; seeker; seeker = seeker->next)
    if (seeker->needed_until > time) return false;
  // Release: those who wait, for complete(), and that they are looked at here no more.
  lead.result.store(nullptr, std::memory_order_release);
  if (result) dropped = ResultStore::take(*result);
  return true;
}

CacheSnapshot ResultCache::counts() const {
  return core_->counts();
}

}  // namespace edgert
