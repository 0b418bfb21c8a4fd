#include "edgert/device/cuda/cuda_device.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

#include "edgert/device/cuda/staging.h"

namespace edgert {
namespace {

constexpr std::size_t kLeastBytes = 256;
constexpr int kOutOfMemory = 2;  // cudaErrorMemoryAllocation

using Message = std::array<char, 256>;

Status failed(const std::string& where, int result, const Message& message) {
  const Code code = result == -kOutOfMemory ? Code::kExhausted : Code::kEngine;
  return result == 0 ? Status() : Status(code, where, message.data());
}

}  // namespace

Result<std::shared_ptr<CudaDevice>> CudaDevice::open(const CudaOptions& options) {
  EDGERT_ASSIGN_OR_RETURN(const CudaLibrary library, cuda_library());
  Message message{};
  const std::string where = "cuda:" + std::to_string(options.gpu);
  const int count = library.count(message.data(), message.size());
  if (count < 0) return Status::unavailable(where, message.data());
  if (options.gpu < 0 || options.gpu >= count)
    return Status::unavailable(where, "this machine has " + std::to_string(count) + " GPUs",
                               "they are numbered from 0; see edgert doctor");
  std::shared_ptr<CudaDevice> device(new CudaDevice(options, library));
  EDGERT_RETURN_IF_ERROR(device->open_streams());
  return device;
}

CudaDevice::CudaDevice(const CudaOptions& options, const CudaLibrary& library)
    : options_(options),
      api_(*library.streams),
      streams_(static_cast<std::size_t>(options.streams)) {}

Status CudaDevice::open_streams() {
  for (Stream& stream : streams_) {
    Message message{};
    EDGERT_RETURN_IF_ERROR(failed(
        name(), api_.open(options_.gpu, &stream.handle, message.data(), message.size()), message));
    for (int i = 0; i < options_.in_flight; ++i) {
      stream.slots.push_back(std::make_unique<Slot>());
      stream.slots.back()->device = this;
      stream.slots.back()->stream = static_cast<int>(&stream - streams_.data());
      EDGERT_RETURN_IF_ERROR(resize(stream, *stream.slots.back(), kLeastBytes));
    }
  }
  return {};
}

CudaDevice::~CudaDevice() {
  for (Stream& stream : streams_) {
    stream.own.reset();
    if (stream.handle) api_.close(stream.handle);
    for (auto& slot : stream.slots) {
      forget(*slot);
      api_.release(&slot->block);
    }
  }
}

StreamPlace CudaDevice::place(const std::shared_ptr<CudaDevice>& device) {
  StreamPlace place{
      {DeviceKind::kCuda, static_cast<std::uint8_t>(device->options_.gpu)}, {}, device, {}};
  const EdgertCudaStreams& api = device->api_;
  void* const first = device->streams_[0].handle;
  place.upload = [&api, first, where = device->name(), device = device.get()](
                     std::span<const std::byte> bytes) -> Result<std::shared_ptr<void>> {
    Message message{};
    void* made = api.upload(first, bytes.data(), bytes.size(), message.data(), message.size());
    if (!made) return Status(Code::kExhausted, where, message.data());
    return std::shared_ptr<void>(made, api.drop);
  };
  for (const Stream& stream : device->streams_)
    place.streams.push_back(device->api_.handle(stream.handle));
  return place;
}

Status CudaDevice::reserve(std::size_t bytes) {
  for (Stream& stream : streams_)
    for (auto& slot : stream.slots)
      if (slot->block.bytes < bytes) EDGERT_RETURN_IF_ERROR(resize(stream, *slot, bytes));
  return {};
}

std::size_t CudaDevice::bytes_of(const StreamRun& run) {
  return Staging(run, run.inputs).bytes() + Staging(run, run.outputs).bytes();
}

Status CudaDevice::resize(Stream& stream, Slot& slot, std::size_t bytes) const {
  forget(slot);  // it names the old places
  Message message{};
  return failed(name() + ": " + std::to_string(bytes) + " bytes for a run",
                api_.resize(stream.handle, &slot.block, bytes, message.data(), message.size()),
                message);
}

void CudaDevice::run_apart(StreamWork& work) {
  if (std::ranges::count(apart_, &work) > 0) return;
  apart_.push_back(&work);
  work.may_wait();
  for (Stream& stream : streams_)
    if (!stream.own)
      stream.own = std::make_unique<Enqueuer>(
          stream.slots.size(), [this](void* slot) { enqueue_apart(*static_cast<Slot*>(slot)); },
          "edgert-stream");
}

std::size_t CudaDevice::free_memory() const {
  Message message{};
  std::size_t free = 0, all = 0;
  const int failed = api_.memory(options_.gpu, &free, &all, message.data(), message.size());
  return failed == 0 ? free : 0;
}

Status CudaDevice::enqueue(int index, StreamRun& run) {
  Stream& stream = streams_[static_cast<std::size_t>(index)];
  if (stream.used == options_.in_flight) return Status::internal(name(), "its stream is full");
  Slot& slot =
      *stream.slots[(stream.first + static_cast<std::size_t>(stream.used)) % stream.slots.size()];
  slot.run = &run;
  slot.refused = {};
  // Relaxed: end(), or the thread's queue, publishes it to who completes it.
  slot.done.store(false, std::memory_order_relaxed);
  if (stream.own && (!stream.own->idle() || std::ranges::count(apart_, run.work) > 0))
    stream.own->give(&slot);
  else
    EDGERT_RETURN_IF_ERROR(enqueue_now(slot));
  ++stream.used;
  return {};
}

Status CudaDevice::enqueue_now(Slot& slot) {
  Stream& stream = streams_[static_cast<std::size_t>(slot.stream)];
  if (const std::size_t bytes = bytes_of(*slot.run); slot.block.bytes < bytes)
    EDGERT_RETURN_IF_ERROR(resize(stream, slot, bytes));
  EDGERT_RETURN_IF_ERROR(place_tensors(slot, *slot.run));
  return enqueue_parts(stream, slot);
}

// Runs of a stream complete in order, so what failed is told when those before it were.
void CudaDevice::enqueue_apart(Slot& slot) {
  Status status = enqueue_now(slot);
  if (status.ok()) return;
  api_.settle(streams_[static_cast<std::size_t>(slot.stream)].handle);
  slot.refused = std::move(status);
  completed(&slot, 0);
}

Status CudaDevice::place_tensors(Slot& slot, const StreamRun& run) {
  const Staging inputs(run, run.inputs), outputs(run, run.outputs);
  EDGERT_RETURN_IF_ERROR(inputs.check(false));
  EDGERT_RETURN_IF_ERROR(outputs.check(true));
  slot.outputs_at = inputs.bytes();
  slot.output_bytes = outputs.bytes();
  inputs.lay_out(slot.block.device, 0, slot.inputs);
  outputs.lay_out(slot.block.device, slot.outputs_at, slot.outputs);
  inputs.gather(static_cast<std::byte*>(slot.block.host));
  return {};
}

Status CudaDevice::enqueue_parts(Stream& stream, Slot& slot) {
  Message message{};
  EdgertCudaBlock& block = slot.block;
  EDGERT_RETURN_IF_ERROR(failed(
      name(), api_.begin(stream.handle, &block, slot.outputs_at, message.data(), message.size()),
      message));
  EDGERT_RETURN_IF_ERROR(enqueue_work(stream, slot));
  EDGERT_RETURN_IF_ERROR(fetch_found(stream, slot));
  return failed(name(),
                api_.end(stream.handle, &block, slot.outputs_at, slot.output_bytes,
                         &CudaDevice::completed, &slot, message.data(), message.size()),
                message);
}

// Outputs that the work set lie in memory of its own.
Status CudaDevice::fetch_found(const Stream& stream, Slot& slot) const {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < slot.outputs.size(); ++i)
    if (!slot.run->outputs[i]) bytes += Staging::rounded_up(slot.outputs[i].bytes);
  if (bytes == 0) return {};
  Message message{};
  const auto told = [&](int result) { return failed(name(), result, message); };
  EDGERT_RETURN_IF_ERROR(
      told(api_.make_room(stream.handle, &slot.block, bytes, message.data(), message.size())));
  std::size_t at = 0;
  for (std::size_t i = 0; i < slot.outputs.size(); ++i) {
    const StreamTensor& found = slot.outputs[i];
    if (slot.run->outputs[i] || found.bytes == 0) continue;
    EDGERT_RETURN_IF_ERROR(told(api_.fetch(stream.handle, &slot.block, at, found.data, found.bytes,
                                           message.data(), message.size())));
    at += Staging::rounded_up(found.bytes);
  }
  return {};
}

void CudaDevice::completed(void* context, int error) {
  Slot& slot = *static_cast<Slot*>(context);
  CudaDevice& device = *slot.device;
  slot.ended = now();
  slot.error = error;
  // Release: who finds it done sees what was written above, and the outputs.
  slot.done.store(true, std::memory_order_release);
  // Counted before it is told (StreamDevice::ready). The slot may be in use again from here on.
  device.completed_.fetch_add(1, std::memory_order_seq_cst);
  device.told_(device.context_);
}

bool CudaDevice::take(Completion& into) {
  if (!ready()) return false;
  for (std::size_t step = 0; step < streams_.size(); ++step) {
    Stream& stream = streams_[(next_ + step) % streams_.size()];
    if (stream.used == 0) continue;
    Slot& slot = *stream.slots[stream.first];
    if (!slot.done.load(std::memory_order_acquire)) continue;
    into = completion_of(stream, slot);
    stream.first = (stream.first + 1) % stream.slots.size();
    --stream.used;
    next_ = (next_ + step + 1) % streams_.size();
    completed_.fetch_sub(1, std::memory_order_seq_cst);
    return true;
  }
  return false;
}

// The one allocation on a frame's way: nobody knew the size before.
void CudaDevice::take_found(Slot& slot) {
  const auto* from = static_cast<const std::byte*>(slot.block.found);
  for (std::size_t i = 0; i < slot.outputs.size(); ++i) {
    const StreamTensor& found = slot.outputs[i];
    Tensor& output = slot.run->outputs[i];
    if (output) continue;
    output = allocate_tensor(found.dtype, found.shape);
    if (found.bytes > 0) std::memcpy(output.bytes_data(), from, found.bytes);
    from += Staging::rounded_up(found.bytes);
  }
}

Completion CudaDevice::completion_of(Stream& stream, Slot& slot) const {
  if (!slot.refused.ok()) return {slot.run, std::move(slot.refused), 0, 0};
  if (slot.error != 0)
    return {slot.run,
            Status::engine(name(),
                           std::string("CUDA error ") + std::to_string(slot.error) + ": " +
                               api_.reason(slot.error),
                           "a failed kernel ends all of the program's work on the GPU: start the "
                           "program again, and look for the model that ran"),
            slot.ended, slot.ended};
  Staging(*slot.run, slot.run->outputs)
      .scatter(static_cast<const std::byte*>(slot.block.host) + slot.outputs_at);
  if (slot.run->joined == 0) take_found(slot);
  // By the GPU's own clock, but never before the run ahead of it ended.
  const double took = std::max(0.0, api_.milliseconds(&slot.block));
  const Nanos began = slot.ended - static_cast<Nanos>(took * 1e6);
  const Nanos started = std::clamp(began, std::min(stream.ended, slot.ended), slot.ended);
  stream.ended = slot.ended;
  return {slot.run, {}, started, slot.ended};
}

Status CudaDevice::run(int stream, StreamRun& run) {
  EDGERT_RETURN_IF_ERROR(enqueue(stream, run));
  Completion completion;
  while (!take(completion)) std::this_thread::yield();
  return completion.status;
}

void CudaDevice::settle() {
  for (const Stream& stream : streams_)
    while (stream.own && !stream.own->idle()) std::this_thread::yield();
  for (const Stream& stream : streams_) api_.settle(stream.handle);
}

void CudaDevice::tell(void (*told)(void*), void* context) {
  context_ = context;
  told_ = told;
}

}  // namespace edgert
