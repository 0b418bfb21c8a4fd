// A set of nodes in order, for the few that a pipeline wants: one vector, quick to make and to
// walk.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace edgert {

class NodeSet {
 public:
  using Iterator = std::vector<int>::const_iterator;

  // Whether it was new.
  bool insert(int node) {
    const auto at = std::ranges::lower_bound(nodes_, node);
    if (at != nodes_.end() && *at == node) return false;
    nodes_.insert(at, node);
    return true;
  }
  void insert(const NodeSet& others) {
    const auto middle = static_cast<std::ptrdiff_t>(nodes_.size());
    nodes_.insert(nodes_.end(), others.begin(), others.end());
    std::inplace_merge(nodes_.begin(), nodes_.begin() + middle, nodes_.end());
    nodes_.erase(std::unique(nodes_.begin(), nodes_.end()), nodes_.end());
  }
  void remove(const NodeSet& others) {
    std::erase_if(nodes_, [&](int node) { return others.contains(node); });
  }
  bool contains(int node) const { return std::ranges::binary_search(nodes_, node); }
  Iterator begin() const { return nodes_.begin(); }
  Iterator end() const { return nodes_.end(); }
  std::size_t size() const { return nodes_.size(); }

 private:
  std::vector<int> nodes_;
};

// Nodes by the condition behind which they are wanted, -1: always.
using NodesByGate = std::map<int, NodeSet>;

}  // namespace edgert
