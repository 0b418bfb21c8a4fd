"""What documents don't say of a workload, and who simulates it has to: rates, arrivals, data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["periodic", "poisson", "bursts"]
KINDS: tuple[Kind, ...] = ("periodic", "poisson", "bursts")
Costs = Literal["measured", "stated"]


@dataclass(frozen=True)
class Assumptions:
    """What is assumed. Names are those of documents: sensors, and steps as STEP, PIPELINE/STEP or
    APPLICATION/PIPELINE/STEP."""

    rates: Mapping[str, float] = field(default_factory=dict)
    """Frames a second of a sensor; the others' are what their sources say."""
    arrivals: Kind = "periodic"
    jitter: float = 0.0
    """Of periodic arrivals: each comes up to that part of a period later."""
    burst: int = 4
    """Frames a burst; they come at once."""
    open: Mapping[str, float] = field(default_factory=dict)
    """In which share of the cases a condition is open; the others always are."""
    rows: Mapping[str, float] = field(default_factory=dict)
    """Regions or windows that a step gives a frame, on average; the others give as many as a
    Profile's documents found, else as many as there can be."""
    costs: Costs = "measured"
    """Of transforms: as a Profile measured them, those that it doesn't have here; or as their operations
    state."""
