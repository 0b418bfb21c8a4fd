// What edgert counts, at one moment. Times are nanoseconds unless said.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace edgert {

struct Distribution {
  std::int64_t count = 0;
  double mean = 0, p50 = 0, p99 = 0;
};

struct SensorSnapshot {
  std::string name;
  std::int64_t frames = 0, admitted = 0, activations = 0, in_flight = 0, waiting = 0;
  std::int64_t dropped_full = 0, dropped_replaced = 0, dropped_late = 0, dropped_unwanted = 0,
               dropped_no_memory = 0, dropped_not_admitted = 0, dropped_left_over = 0;
  std::int64_t decode = 0;  // summed
  bool ended = false;
};

// How the questions of a join ended.
constexpr std::size_t kJoinEnds = 5;
constexpr std::array<std::string_view, kJoinEnds> kJoinEndNames{"matched", "missing", "late",
                                                                "absent", "forgotten"};

struct NodeSnapshot {
  int id = -1, scope = 0;
  std::string op, name;
  std::int64_t executed = 0, demanded = 0, failed = 0, skipped = 0, expired = 0;
  std::int64_t recalled = 0;  // answered with an earlier result
  std::int64_t cached = 0;    // outputs that came from the request cache
  Distribution run, queue;
  bool joins_streams = false;                   // a join; only then the next has a meaning
  std::array<std::int64_t, kJoinEnds> joins{};  // in the order of kJoinEndNames
  std::int64_t kept = 0, lost = 0;  // of what is kept for joins: samples now, and those that
                                    // found no place
  std::vector<std::string> applications;
};

// How a result ended; each ends in one way.
enum class Outcome : unsigned char {
  kOk,       // its answer, in time
  kLate,     // its answer, after the bound had passed
  kSkipped,  // no answer: every output's condition was closed, or there was nothing to do
  kDropped,  // no answer: the bound passed, the run was stopped, or no buffer was left
  kFailed,   // no answer, or not all of it: a step failed
  kStale,    // the bound passed: the answer of an earlier frame
};
constexpr std::size_t kOutcomes = 6;
constexpr std::array<std::string_view, kOutcomes> kOutcomeNames{"ok",      "late",   "skipped",
                                                                "dropped", "failed", "stale"};
using OutcomeCounts = std::array<std::int64_t, kOutcomes>;

// Why a frame that was due was not taken in.
enum class Refusal : unsigned char {
  kQueue,   // the application waits for as many answers as it may
  kRate,    // it has as many frames a second as it may
  kShare,   // it has used its share of the device
  kNoTime,  // its bound could not be kept; answered at once
  kAdmitted,
};
constexpr std::size_t kRefusals = 4;
constexpr std::array<std::string_view, kRefusals> kRefusalNames{"queue", "rate", "share",
                                                                "no time"};
using RefusalCounts = std::array<std::int64_t, kRefusals>;

// How often an application asked the cache for a node's outputs: they were there, were being
// computed for another request, or neither; and the time that it saved so.
struct CacheUseSnapshot {
  std::int64_t hits = 0, waits = 0, misses = 0, saved = 0;
};

// The request cache as a whole.
struct CacheSnapshot {
  std::int64_t bytes = 0, limit = 0;       // charged, of those that may be
  std::int64_t contents = 0, results = 0;  // there now
  std::int64_t hits = 0, waits = 0, misses = 0;
  std::int64_t evictions = 0;
  std::int64_t refused = 0;     // found no room: larger than the cache, or all of it in use
  std::int64_t collisions = 0;  // contents whose hash was another's: not cached
};

struct ApplicationSnapshot {
  std::string name;
  double weight = 1;
  std::int64_t device = 0;   // of lanes; shared work in equal parts
  std::int64_t waiting = 0;  // frames that its pipelines were not answered for
  RefusalCounts refused{};
  CacheUseSnapshot cache;
};

struct PipelineSnapshot {
  std::string name;  // "application/pipeline"
  OutcomeCounts outcomes{};
  std::int64_t refused = 0;      // frames without a result: the bound had passed before work began
  RefusalCounts not_admitted{};  // by reason; those without time have a result
  std::int64_t unread = 0;       // of the results, those that were let go because nobody took them
  // Frames that it let pass: not due by its rate or count, passed over when overloaded or because
  // a policy said so.
  std::int64_t not_due = 0, passed_over = 0;
  double share = 1;      // of the frames that are due, how many it takes just now
  Distribution latency;  // of the answers (ok and late)

  std::int64_t count(Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::int64_t results() const {
    std::int64_t sum = 0;
    for (std::int64_t count : outcomes) sum += count;
    return sum;
  }
};

struct LaneSnapshot {
  std::string device;  // cpu, or a device of the documents
  std::int64_t executions = 0, busy = 0;
};

// A model on one of several devices.
struct PlaceSnapshot {
  std::string device;
  int instances = 0;
  std::int64_t executed = 0;
  Distribution run, queue;
};

struct ModelSnapshot {
  std::string name, file, backend;
  int instances = 0;  // on the device where it is
  std::int64_t load = 0;
  std::string device = "cpu";              // where it runs; "soonest": where each run ends first
  std::vector<PlaceSnapshot> places = {};  // where it may run, if there are several
  int most_batch = 1;                      // works that may run as one
  std::string batch_refused = {};          // why they don't, though the document says so
  std::vector<std::int64_t> batches = {};  // of most_batch > 1: runs of 1, 2... works
};

// Frames lent to other processes.
struct ShareSnapshot {
  std::string path;  // empty: nothing is shared
  std::int64_t slots = 0, clients = 0, held = 0;
  std::int64_t granted = 0, copied_bytes = 0;
  std::int64_t reclaimed = 0;   // leases of clients whose connection ended
  std::int64_t misbehaved = 0;  // connections ended for what they said
  std::int64_t refused_no_slot = 0, refused_too_large = 0, refused_holds_all = 0;
  std::int64_t refused_not_reading = 0, refused_behind = 0;
};

struct Snapshot {
  std::int64_t uptime = 0;
  std::uint64_t generation = 1;  // of the plan: 1 is the first, each deploy makes the next
  std::int64_t draining = 0;     // earlier plans that are not freed yet
  std::int64_t deploy_compiled = 0, deploy_swapped = 0;  // ns that the last deploy took
  std::int64_t gathered_bytes = 0;                       // copied to bring rows together
  std::int64_t batched_bytes = 0;        // copied to bring the inputs of a batch together
  std::int64_t engine_copied_bytes = 0;  // copied because an engine could not use memory in place
  CacheSnapshot cache;                   // limit 0: there is none
  // Buffers of all that frames compute: those there are, and those that there were if each output
  // had its own.
  std::uint64_t buffer_bytes = 0, buffer_bytes_apart = 0;
  std::vector<SensorSnapshot> sensors;
  std::vector<NodeSnapshot> nodes;
  std::vector<PipelineSnapshot> pipelines;
  std::vector<ApplicationSnapshot> applications;
  std::vector<LaneSnapshot> lanes;
  std::vector<ModelSnapshot> models;
  ShareSnapshot share;
};

// Prometheus' text exposition format, version 0.0.4.
std::string prometheus_text(const Snapshot& snapshot);

}  // namespace edgert
