// How executions ask for what was computed of equal content, and give what they computed.
//
// At the start of an activation, from its last nodes to its first: what the cache has needs no
// inputs, and what nobody needs any more is not wanted. What stands behind a condition asks when it
// is ready. An execution that waits for another activation's has a token for its own start, too, so
// that who brings the outputs never meets an activation that is still being made.
#include <algorithm>
#include <array>

#include "edgert/plan/executor.h"

namespace edgert {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr Nanos kLeastCost = 2'000;  // what took less is not worth a place

bool may_be_left_out(const CompiledNode& node) {
  if (node.sequencer) return false;
  return node.kind() == NodeKind::kTransform || node.kind() == NodeKind::kModel ||
         node.kind() == NodeKind::kGather || node.kind() == NodeKind::kEach;
}

bool is_needed(Activation& root, const CompiledNode& node) {
  if (!may_be_left_out(node)) return true;
  return std::ranges::any_of(
             node.pipelines,
             [&](int slot) { return root.pipelines[static_cast<std::size_t>(slot)].due; }) ||
         std::ranges::any_of(node.dependents, [&](int local) {
           const Execution& reader = root.at(local);
           return reader.demanded && !reader.detached;
         });
}

// Of a transform only those outputs are made that somebody reads.
Hash128 key_of(const Execution& execution) {
  const CompiledNode& node = *execution.node;
  Hash128 key = node.content_identity;
  if (node.kind() == NodeKind::kTransform && node.spec->outputs.size() > 1)
    key.low ^= execution.wanted_outputs * 0x9e3779b97f4a7c15ULL;
  return key;
}

// The spaces of those who want an execution, sorted.
class Spaces {
 public:
  // None: nobody may find it, or keep it.
  explicit Spaces(const Execution& execution) {
    if (execution.space == kSeveralSpaces)
      add_all(execution);
    else if (execution.space != kNoSpace)
      add(execution.space);
  }
  bool empty() const { return count_ == 0; }
  std::span<const std::uint32_t> all() const { return {list_.data(), count_}; }

 private:
  // Who may want it later, behind a condition, would find what it never asked for: so only while
  // all do who may. Owners that are not told apart can't be asked.
  void add_all(const Execution& execution) {
    const std::uint64_t wanted_by = execution.wanted_by.load(kRelaxed);
    if (execution.node->demanded_by.size() > kMostOwners ||
        count_applications(execution, wanted_by) !=
            count_applications(execution, execution.may_want))
      return;
    const auto& applications = plan_of(execution).spec.applications;
    each_application(execution, wanted_by, [&](std::uint32_t application) {
      add(space_of(applications[application].cache, static_cast<int>(application)));
    });
    const std::span<std::uint32_t> added(list_.data(), count_);
    std::ranges::sort(added);  // the common one of several is there more than once
    count_ = static_cast<std::size_t>(std::unique(added.begin(), added.end()) - added.begin());
  }
  void add(std::uint32_t space) { list_[count_++] = space; }

  std::array<std::uint32_t, kMostOwners> list_;
  std::size_t count_ = 0;
};

Nanos run_time(const Execution& execution) {
  return execution.ended ? (execution.ended - execution.started) / execution.batch : 0;
}

// A gather's rows are its own.
Nanos own_time(const Execution& execution) {
  return run_time(execution) + execution.rows_time;
}

Nanos time_of_rows(const Execution& each) {
  Nanos sum = 0;
  for (Activation* child : each.children) {
    for (const CompiledNode& node : child->scope->nodes) {
      const Execution& execution = child->at(node.local);
      sum += run_time(execution);
      if (node.kind() == NodeKind::kEach && execution.demanded) sum += time_of_rows(execution);
    }
  }
  return sum;
}

// Its own work and what all that it needed takes otherwise: where something on the way was brought
// from elsewhere, what is before that may still run, for others.
Nanos cost_of(const Execution& execution) {
  Nanos cost = own_time(execution);
  for (int local : execution.node->ancestors) {
    const Execution& before = execution.activation->at(local);
    if (before.demanded) cost += before.node->times->expected() + before.node->times->rows();
  }
  return cost;
}

}  // namespace

// While its rows are there. Of what came from elsewhere they may still run, for others.
void Executor::measure_rows(Execution& gather) {
  if (gather.detached || gather.recalled) return;
  gather.rows_time = time_of_rows(gather.activation->input(gather.node->inputs[1]));
  gather.node->times->note_rows(gather.rows_time);
}

// Somebody waits for it who may be more urgent: it and what it needs are run as early as if that
// one had it computed. Its activation may be another thread's, and still be made, so what is atomic
// is all that is touched; what is done by now has no place to change. Rows keep theirs.
void Executor::hurry(Execution& lead, const Execution& waiter) {
  if (ranker_.order() == Order::kFifo) return;
  Work newcomer;
  newcomer.ready = waiter.activation->root->admitted;
  newcomer.deadline = waiter.deadline;
  newcomer.latest_start = waiter.latest_start;
  newcomer.order = waiter.order;
  newcomer.owners = waiter.owners;
  newcomer.wanted_by.store(waiter.wanted_by.load(kRelaxed), kRelaxed);
  const auto raise = [&](Execution& execution) {
    const CompiledNode& node = *execution.node;
    if (node.kind() == NodeKind::kModel || node.kind() == NodeKind::kTransform)
      this->raise(execution, newcomer);
  };
  raise(lead);
  for (int local : lead.node->ancestors) raise(lead.activation->at(local));
}

// False: it may not be asked for this one.
bool Executor::ask_cache(Execution& execution) {
  if (!execution.node->cacheable) return false;
  const Spaces spaces(execution);
  if (spaces.empty()) return false;
  const Activation& root = *execution.activation;
  CacheSeeker& seeker = *execution.seeker;
  seeker.needed_until = 0;
  for (int slot : execution.node->demanded_by) {
    const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
    if (wait.due) seeker.needed_until = std::max(seeker.needed_until, wait.needed_until);
  }
  // Before it can be found: who brings the outputs takes one, who starts it the other.
  execution.pending.store(2, kRelaxed);
  const std::uint64_t wanted_by = execution.wanted_by.load(kRelaxed);
  const auto each_account = [&](auto&& use) {
    each_application(execution, wanted_by, [&](std::uint32_t application) {
      use(*plan_of(root).ledger.accounts[application]);
    });
  };
  Nanos cost = 0;
  const auto waits = [this, &execution](Seeker& lead) {
    hurry(*static_cast<CacheSeeker&>(lead).execution, execution);
  };
  switch (cache_->find(*root.content, key_of(execution), spaces.all(), seeker, execution.outputs,
                       cost, waits)) {
    case Found::kHit:
      execution.cache = CacheUse::kHit;
      each_account([](Account& account) { account.cache_hits.add(); });
      break;
    case Found::kWait:
      execution.cache = CacheUse::kWait;
      each_account([](Account& account) { account.cache_waits.add(); });
      break;
    case Found::kLead:
      execution.cache = CacheUse::kLead;
      each_account([](Account& account) { account.cache_misses.add(); });
      break;
  }
  return true;
}

// To those who would have had it done.
void Executor::note_saved(const Execution& execution, Nanos time) {
  const std::uint64_t owners = execution.wanted_by.load(kRelaxed);
  const Nanos part = time / std::max(1, count_applications(execution, owners));
  each_application(execution, owners, [&](std::uint32_t application) {
    plan_of(execution).ledger.accounts[application]->cache_saved.add(part);
  });
}

void Executor::look_up(Activation& root) {
  const std::vector<int>& order = root.scope->order;
  for (auto local = order.rbegin(); local != order.rend(); ++local) {
    Execution& execution = root.at(*local);
    if (!execution.demanded || !execution.initial) continue;
    if (!is_needed(root, *execution.node)) {
      note_saved(execution, execution.node->times->expected() + execution.node->times->rows());
      execution.demanded = execution.initial = false;
      continue;
    }
    if (!ask_cache(execution)) continue;
    execution.detached = execution.cache != CacheUse::kLead;
    // Nobody else knows of it.
    if (execution.cache == CacheUse::kHit) execution.pending.store(1, kRelaxed);
  }
}

// Of what is ready to run. True: it need not.
bool Executor::found_in_cache(Execution& execution, Turn& turn) {
  if (execution.cache != CacheUse::kNone || !execution.activation->content ||
      !ask_cache(execution) || execution.cache == CacheUse::kLead)
    return false;
  const std::int32_t tokens = execution.cache == CacheUse::kHit ? 2 : 1;
  if (execution.pending.fetch_sub(tokens, std::memory_order_acq_rel) == tokens)
    finish(execution, std::move(execution.status), turn);
  return true;
}

// The last use of a leader's outputs: others get copies of them, or, without room for these, them.
void Executor::complete(Execution& lead, Turn& turn) {
  const bool good = lead.status.ok();
  const Nanos cost = good ? cost_of(lead) : 0;
  lead.seeker->took = own_time(lead);
  std::span<const Tensor> outputs;
  if (good) outputs = lead.outputs;
  Seeker* waiting = cache_->complete(*lead.seeker, good && cost >= kLeastCost, outputs, cost);
  while (waiting) {
    Execution& waiter = *static_cast<CacheSeeker*>(waiting)->execution;
    waiting = waiting->next;
    waiter.status = lead.status;
    // Release: its outputs and its outcome. Afterwards it is its own activation's.
    if (waiter.pending.fetch_sub(1, std::memory_order_acq_rel) == 1) became_ready(waiter, turn);
  }
}

// Nobody of this activation's pipelines needs its work any more. Those of others may.
bool Executor::others_wait_for(const Execution& execution) const {
  Activation& root = *execution.activation->root;
  if (!root.content) return false;
  return std::ranges::any_of(root.scope->cacheable, [&](int local) {
    Execution& lead = root.at(local);
    return lead.cache == CacheUse::kLead && !cache_->give_up(*lead.seeker, execution.started);
  });
}

}  // namespace edgert
