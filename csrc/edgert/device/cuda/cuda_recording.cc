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

bool CudaDevice::record(int index, StreamRun& run, std::string& why) {
  Stream& stream = streams_[static_cast<std::size_t>(index)];
  bool all = run.work->repeats();
  if (!all) why = "its runs differ";
  for (std::size_t i = 0; all && i < stream.slots.size(); ++i) {
    Slot& slot = *stream.slots[i];
    slot.run = &run;
    if (!place_tensors(slot, run).ok()) all = false;
    all = all && record_one(stream, index, slot, why);
  }
  if (all && !repeats_what_it_gives(index, run)) {
    why = "a recorded run gave something else";
    all = false;
  }
  if (all) return true;
  for (auto& slot : stream.slots) {
    const auto mine = [&](const Recorded& one) { return one.work == run.work; };
    for (const Recorded& one : slot->recorded)
      if (mine(one)) api_.forget(one.graph);
    std::erase_if(slot->recorded, mine);
  }
  return false;
}

bool CudaDevice::record_one(Stream& stream, int index, Slot& slot, std::string& why) {
  std::array<char, 256> message{};
  if (api_.record(stream.handle, message.data(), message.size()) != 0) {
    why = message.data();
    return false;
  }
  const Status status = slot.run->work->enqueue(index, inputs_, outputs_);
  void* graph = api_.recorded(stream.handle, message.data(), message.size());
  if (graph && status.ok()) {
    slot.recorded.push_back({slot.run->work, inputs_, outputs_, graph});
    return true;
  }
  if (graph) api_.forget(graph);
  why = status.ok() ? message.data() : status.message();
  return false;
}

// Each place once, against a run that isn't recorded.
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

const CudaDevice::Recorded* CudaDevice::find_recorded(const Slot& slot) const {
  for (const Recorded& one : slot.recorded)
    if (one.work == slot.run->work && same(one.inputs, inputs_) && same(one.outputs, outputs_))
      return &one;
  return nullptr;
}

Status CudaDevice::enqueue_work(Stream& stream, int index, const Slot& slot) {
  const Recorded* recorded = find_recorded(slot);
  if (!recorded) return slot.run->work->enqueue(index, inputs_, outputs_);
  std::array<char, 256> message{};
  const int result = api_.replay(recorded->graph, stream.handle, message.data(), message.size());
  return result == 0 ? Status() : Status::engine(name(), message.data());
}

void CudaDevice::forget(Slot& slot) const {
  for (const Recorded& one : slot.recorded) api_.forget(one.graph);
  slot.recorded.clear();
}

}  // namespace edgert
