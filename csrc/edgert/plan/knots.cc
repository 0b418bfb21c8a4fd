#include "edgert/plan/knots.h"

#include <algorithm>
#include <map>
#include <set>

#include "edgert/plan/lookup.h"
#include "edgert/plan/wanting.h"

namespace edgert {
namespace {

// Whether `gate` is `outer`, or opened by it.
bool is_within(const PlanSpec& spec, int gate, int outer) {
  for (; gate >= 0; gate = gate_above(spec, gate))
    if (gate == outer) return true;
  return false;
}

// A part wants a node, or asks for its earlier result, behind a condition.
struct Place {
  std::size_t part;
  int gate;
};

struct Recalled {
  std::vector<Place> wants;  // behind conditions only
  std::vector<Place> asks;   // -1: always
  NodeSet readers;           // nodes that somebody wants who may accept an earlier result of it
};

class Knots {
 public:
  Knots(Plan& plan, const std::vector<PlanPart>& parts)
      : plan_(plan), spec_(plan.spec), parts_(parts) {
    for (std::size_t part = 0; part < parts.size(); ++part) add(part);
  }

  std::vector<Early> untie() {
    while (cut_one()) {
    }
    return std::move(early_);
  }

 private:
  void add(std::size_t part);
  void add_want(std::size_t part, int node, int gate);
  std::vector<std::size_t> who_may_accept(const Recalled& of, int gate) const;
  const std::set<int>& stops(int gate);
  void find_stops(int node, std::set<int>& seen, std::set<int>& found);
  bool reaches(int gate, int node, std::set<int>& seen);
  bool cut_one();
  void cut(int node, Place want, std::vector<std::size_t> beside);

  Plan& plan_;
  const PlanSpec& spec_;
  const std::vector<PlanPart>& parts_;
  std::map<int, Recalled> recalled_;    // by node
  std::map<int, std::set<int>> stops_;  // by condition
  std::vector<Early> early_;
};

void Knots::add(std::size_t part) {
  NodeSet all;
  std::vector<int> asked;
  for (const auto& [gate, nodes] : parts_[part].nodes) {
    all.insert(nodes);
    for (int node : nodes)
      if (!plan_.node_at(node).recalls.empty()) add_want(part, node, gate);
    const int of = gate < 0 ? -1 : node_of(spec_, gate).of;
    if (of < 0) continue;
    recalled_[of].asks.push_back({part, without_recalls(spec_, gate)});
    asked.push_back(of);
  }
  for (int node : asked) recalled_[node].readers.insert(all);
}

void Knots::add_want(std::size_t part, int node, int gate) {
  gate = without_recalls(spec_, gate);
  if (gate < 0) return;
  auto& wants = recalled_[node].wants;
  const auto same = [=](const Place& place) { return place.part == part && place.gate == gate; };
  if (std::ranges::none_of(wants, same)) wants.push_back({part, gate});
}

// While `gate` is not decided.
std::vector<std::size_t> Knots::who_may_accept(const Recalled& of, int gate) const {
  std::vector<std::size_t> parts;
  for (const Place& ask : of.asks)
    if (!is_within(spec_, ask.gate, gate) &&
        (parts.empty() || parts.back() != ask.part))  // they come in their order
      parts.push_back(ask.part);
  return parts;
}

// Nodes that the decision of `gate` may wait for though they are not wanted: their earlier result
// was accepted by who wants what reads them.
const std::set<int>& Knots::stops(int gate) {
  const auto [at, added] = stops_.try_emplace(gate);
  std::set<int> seen;
  if (added) find_stops(gate, seen, at->second);
  return at->second;
}

void Knots::find_stops(int node, std::set<int>& seen, std::set<int>& found) {
  if (!seen.insert(node).second) return;
  const CompiledNode& of = plan_.node_at(node);
  const CompiledScope& scope = plan_.scopes[static_cast<std::size_t>(of.spec->scope)];
  for (int local : of.waits_for) {
    const int input = scope.nodes[static_cast<std::size_t>(local)].global;
    const auto recalled = recalled_.find(input);
    if (recalled != recalled_.end() && recalled->second.readers.contains(node)) found.insert(input);
    find_stops(input, seen, found);
  }
  const bool asked = of.kind() == NodeKind::kGate || of.kind() == NodeKind::kRecall;
  if (const int outer = asked ? gate_above(spec_, node) : -1; outer >= 0)
    find_stops(outer, seen, found);
}

// Whether the decision of `gate` may wait for `node`, by way of others that take a result over.
bool Knots::reaches(int gate, int node, std::set<int>& seen) {
  if (!seen.insert(gate).second) return false;
  const std::set<int>& found = stops(gate);
  if (found.contains(node)) return true;
  return std::ranges::any_of(found, [&](int stop) {
    const Recalled& of = recalled_[stop];
    return std::ranges::any_of(of.wants, [&](const Place& want) {
      return !who_may_accept(of, want.gate).empty() && reaches(want.gate, node, seen);
    });
  });
}

bool Knots::cut_one() {
  for (auto& [node, of] : recalled_) {
    for (std::size_t i = 0; i < of.wants.size(); ++i) {
      const Place want = of.wants[i];
      std::vector<std::size_t> beside = who_may_accept(of, want.gate);
      std::set<int> seen;
      if (beside.empty() || !reaches(want.gate, node, seen)) continue;
      of.wants.erase(of.wants.begin() + static_cast<std::ptrdiff_t>(i));
      cut(node, want, std::move(beside));
      return true;
    }
  }
  return false;
}

// It is wanted one condition further out.
void Knots::cut(int node, Place want, std::vector<std::size_t> beside) {
  const PlanPart& part = parts_[want.part];
  const int outer = gate_above(spec_, want.gate);
  const Wanting::RecallOf recall_of = recalls_of(spec_, reusing_of(spec_, part));
  Wanting wanting(spec_, [&](int of, int gate) { return of == node ? -1 : recall_of(of, gate); });
  wanting.want(node, outer);
  Early early{want.part, wanting.finish(), std::move(beside)};
  for (auto& [gate, nodes] : early.nodes) {
    for (int at = gate;; at = gate_above(spec_, at)) {
      if (const auto there = part.nodes.find(at); there != part.nodes.end())
        nodes.remove(there->second);
      if (at < 0) break;
    }
  }
  early_.push_back(std::move(early));
  add_want(want.part, node, outer);
}

}  // namespace

std::vector<Early> untie(Plan& plan, const std::vector<PlanPart>& parts) {
  const auto recalls = [](const NodeSpec& node) { return node.kind == NodeKind::kRecall; };
  if (std::ranges::none_of(plan.spec.nodes, recalls)) return {};
  return Knots(plan, parts).untie();
}

}  // namespace edgert
