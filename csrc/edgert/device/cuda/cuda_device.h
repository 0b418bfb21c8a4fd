// Streams of one GPU, each with several runs in flight.
//
// A run's tensors lie in the host's memory. enqueue() copies the inputs into pinned memory of the
// run's own, and enqueues their copy to the GPU, the work, and the copy of the outputs back; take()
// hands these over. So the GPU copies for one stream while it computes for another, and nothing
// waits on the host.
//
// A work whose runs wait in their enqueue, for a size that the GPU tells or for operators on the
// processor, has its runs enqueued by a thread of the stream's own (run_apart), so that no other
// stream waits with it. So have those of others that come behind them there.
//
// Thread rule: as StreamDevice; reserve() and run() before the first enqueue(). Completions are
// told by a thread of the driver, which counts them and looks at nothing else.
#pragma once

#include <atomic>

#include "edgert/device/cuda/enqueuer.h"
#include "edgert/device/cuda/library.h"
#include "edgert/device/stream.h"

namespace edgert {

struct CudaOptions {
  int gpu = 0;
  int streams = 1;
  int in_flight = 2;  // runs that a stream takes
};

class CudaDevice : public StreamDevice {
 public:
  // kUnavailable where there is no CUDA part in this build, no driver, or no such GPU; kExhausted
  // where its memory is short.
  static Result<std::shared_ptr<CudaDevice>> open(const CudaOptions& options);
  ~CudaDevice() override;

  // For engines, whose models keep the device with it.
  static StreamPlace place(const std::shared_ptr<CudaDevice>& device);
  // Memory for runs of so many bytes on all streams, so that no run has to wait for it.
  Status reserve(std::size_t bytes);
  static std::size_t bytes_of(const StreamRun& run);
  // Enqueues it and waits for it.
  Status run(int stream, StreamRun& run);
  // Has what such a run enqueues recorded, for all places of a stream on which nothing is under
  // way: its launches, which cost the host more than the run, become one. Right before, the work
  // must have run there with tensors like these. What is recorded already stays.
  enum class Recording {
    kDone,
    kNot,       // as it can't be recorded: `why`; it stays as it was
    kElsewhere  // it puts nothing on the stream, so its runs aren't in order with their copies
  };
  Recording record(int stream, StreamRun& run, std::string& why);

  // Its runs are enqueued by threads of the streams' own from now on. Before the first enqueue().
  void run_apart(StreamWork& work);
  // Bytes of the GPU's memory that nobody has; 0: unknown.
  std::size_t free_memory() const;

  int streams() const override { return static_cast<int>(streams_.size()); }
  int in_flight() const override { return options_.in_flight; }
  Status enqueue(int stream, StreamRun& run) override;
  bool take(Completion& into) override;
  bool ready() const override { return completed_.load(std::memory_order_seq_cst) > 0; }
  void tell(void (*told)(void*), void* context) override;
  void settle() override;

 private:
  // What a run of a work enqueues with its tensors at these places.
  struct Recorded {
    const StreamWork* work = nullptr;
    std::vector<StreamTensor> inputs, outputs;
    void* graph = nullptr;
  };
  // A run's place on its stream. They are used in turn, as runs complete in order.
  struct Slot {
    CudaDevice* device = nullptr;
    EdgertCudaBlock block{};
    StreamRun* run = nullptr;
    int stream = 0;
    std::size_t outputs_at = 0, output_bytes = 0;
    std::vector<StreamTensor> inputs, outputs;  // as the work sees them
    Status refused;  // it could not be enqueued, which a thread of the stream's own found
    std::vector<Recorded> recorded;
    // Written by the driver's thread, the time and the error first.
    std::atomic<bool> done{false};
    Nanos ended = 0;
    int error = 0;
  };
  struct Stream {
    void* handle = nullptr;
    std::vector<std::unique_ptr<Slot>> slots;
    std::size_t first = 0;  // the oldest run's slot
    int used = 0;
    Nanos ended = 0;                // of the last run
    std::unique_ptr<Enqueuer> own;  // null: no work needs one
  };

  CudaDevice(const CudaOptions& options, const CudaLibrary& library);
  Status open_streams();
  Status resize(Stream& stream, Slot& slot, std::size_t bytes) const;
  void forget(Slot& slot) const;
  static const Recorded* find_recorded(const Slot& slot);
  Recording record_one(Stream& stream, Slot& slot, std::string& why);
  void forget(const StreamWork& work, const std::vector<Tensor>& inputs);
  bool repeats_what_it_gives(int stream, StreamRun& run);
  Status enqueue_work(Stream& stream, Slot& slot);
  Status enqueue_now(Slot& slot);
  void enqueue_apart(Slot& slot);
  static Status place_tensors(Slot& slot, const StreamRun& run);
  Status enqueue_parts(Stream& stream, Slot& slot);
  Status fetch_found(const Stream& stream, Slot& slot) const;
  static void completed(void* slot, int error);
  static void take_found(Slot& slot);
  Completion completion_of(Stream& stream, Slot& slot) const;
  std::string name() const { return "cuda:" + std::to_string(options_.gpu); }

  const CudaOptions options_;
  const EdgertCudaStreams& api_;
  std::vector<Stream> streams_;
  std::vector<const StreamWork*> apart_;
  std::size_t next_ = 0;           // stream that take() looks at first
  std::atomic<int> completed_{0};  // and not taken
  void (*told_)(void*) = [](void*) {};
  void* context_ = nullptr;
};

}  // namespace edgert
