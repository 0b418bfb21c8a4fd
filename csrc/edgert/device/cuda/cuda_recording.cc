// Runs of a work as CUDA graphs: recorded once for each place of a stream, then enqueued as one.
#include <algorithm>
#include <array>
#include <cstring>

#include "edgert/device/cuda/cuda_device.h"

namespace edgert {
namespace {

bool same(const std::vector<StreamTensor>& a, const std::vector<StreamTensor>& b) {
  return std::ranges::equal(a, b, [](const StreamTensor& x, const StreamTensor& y) {
    return x.data == y.data && x.dtype == y.dtype && x.shape == y.shape;
  });
}

std::vector<std::byte> content(const std::vector<Tensor>& tensors) {
  std::vector<std::byte> bytes;
  for (const Tensor& tensor : tensors)
    bytes.insert(bytes.end(), tensor.bytes_data(), tensor.bytes_data() + tensor.bytes());
  return bytes;
}

}  // namespace

CudaDevice::Recording CudaDevice::record(int index, StreamRun& run, std::string& why) {
  Stream& stream = streams_[static_cast<std::size_t>(index)];
  Recording outcome = run.work->repeats() ? Recording::kDone : Recording::kNot;
  if (outcome != Recording::kDone) why = "its runs differ";
  for (const Tensor& output : run.outputs) {
    if (output) continue;
    outcome = Recording::kNot;
    why = "the size of an output varies";
  }
  bool fresh = false;
  for (std::size_t i = 0; outcome == Recording::kDone && i < stream.slots.size(); ++i) {
    Slot& slot = *stream.slots[i];
    slot.run = &run;
    const Status placed = place_tensors(slot, run);
    if (placed.ok() && find_recorded(slot)) continue;
    fresh = true;
    if (!placed.ok()) why = placed.message();
    outcome = placed.ok() ? record_one(stream, slot, why) : Recording::kNot;
  }
  if (outcome == Recording::kDone && fresh && !repeats_what_it_gives(index, run)) {
    why = "a recorded run gave something else";
    outcome = Recording::kNot;
  }
  if (outcome != Recording::kDone) forget(*run.work, run.inputs);
  return outcome;
}

CudaDevice::Recording CudaDevice::record_one(Stream& stream, Slot& slot, std::string& why) {
  std::array<char, 256> message{};
  if (api_.record(stream.handle, message.data(), message.size()) != 0) {
    why = message.data();
    return Recording::kNot;
  }
  const Status status = slot.run->work->enqueue(slot.stream, slot.inputs, slot.outputs);
  long count = -1;
  void* graph = api_.recorded(stream.handle, &count, message.data(), message.size());
  if (graph && status.ok()) {
    slot.recorded.push_back({slot.run->work, slot.inputs, slot.outputs, graph});
    return Recording::kDone;
  }
  if (graph) api_.forget(graph);
  why = status.ok() ? message.data() : status.message();
  return status.ok() && count == 0 ? Recording::kElsewhere : Recording::kNot;
}

// On all streams; runs with inputs of other shapes stay recorded.
void CudaDevice::forget(const StreamWork& work, const std::vector<Tensor>& inputs) {
  const auto of_it = [&](const Recorded& one) {
    return one.work == &work &&
           std::ranges::equal(one.inputs, inputs, [](const StreamTensor& x, const Tensor& y) {
             return x.shape == y.shape();
           });
  };
  for (Stream& stream : streams_) {
    for (auto& slot : stream.slots) {
      for (const Recorded& one : slot->recorded)
        if (of_it(one)) api_.forget(one.graph);
      std::erase_if(slot->recorded, of_it);
    }
  }
}

// Each place once, against a run that isn't recorded: bit for bit.
bool CudaDevice::repeats_what_it_gives(int index, StreamRun& run) {
  Stream& stream = streams_[static_cast<std::size_t>(index)];
  Slot& first = *stream.slots[stream.first];
  std::vector<Recorded> put_by;
  std::swap(first.recorded, put_by);
  const bool ran = this->run(index, run).ok();
  std::swap(first.recorded, put_by);
  const std::vector<std::byte> expected = content(run.outputs);
  for (std::size_t i = 0; ran && i < stream.slots.size(); ++i) {
    for (Tensor& output : run.outputs) std::memset(output.bytes_data(), 0xa5, output.bytes());
    if (!this->run(index, run).ok() || content(run.outputs) != expected) return false;
  }
  return ran;
}

const CudaDevice::Recorded* CudaDevice::find_recorded(const Slot& slot) {
  for (const Recorded& one : slot.recorded)
    if (one.work == slot.run->work && same(one.inputs, slot.inputs) &&
        same(one.outputs, slot.outputs))
      return &one;
  return nullptr;
}

Status CudaDevice::enqueue_work(Stream& stream, Slot& slot) {
  const Recorded* recorded = find_recorded(slot);
  if (!recorded) return slot.run->work->enqueue(slot.stream, slot.inputs, slot.outputs);
  std::array<char, 256> message{};
  const int result = api_.replay(recorded->graph, stream.handle, message.data(), message.size());
  return result == 0 ? Status() : Status::engine(name(), message.data());
}

void CudaDevice::forget(Slot& slot) const {
  for (const Recorded& one : slot.recorded) api_.forget(one.graph);
  slot.recorded.clear();
}

}  // namespace edgert
