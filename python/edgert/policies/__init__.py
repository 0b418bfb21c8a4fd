"""The policies that come with edgert, a module each. docs/policies.md tells when which one helps."""

from __future__ import annotations

SHIPPED = {
    "fifo": "edgert.policies.fifo:Fifo",
    "edf": "edgert.policies.edf:Edf",
    "fair": "edgert.policies.fair:Fair",
    "latency-first": "edgert.policies.latency_first:LatencyFirst",
    "throughput-first": "edgert.policies.throughput_first:ThroughputFirst",
    "adaptive": "edgert.policies.adaptive:Adaptive",
    "stability": "edgert.policies.stability:Stability",
    "moore-hodgson": "edgert.policies.moore_hodgson:MooreHodgson",
    "on-time": "edgert.policies.on_time:OnTime",
    "balance": "edgert.policies.balance:Balance",
}
"""Classes by the names that documents and `edgert run --policy` use."""
