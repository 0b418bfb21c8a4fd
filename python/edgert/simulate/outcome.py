"""What came out of a simulation, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

KEPT = 0.999  # of a pipeline's frames: then it fits
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PipelineOutcome:
    """Frames that a pipeline wanted, and what became of them."""

    name: str
    asked: int
    kept: int
    """Answered in time, or nothing was wanted of them."""
    late: int
    """Answered too late, or by an earlier answer."""
    dropped: int
    """Given up, never begun, or lost at the sensor."""
    bound_ms: float | None
    latencies_ms: Floats = field(repr=False)
    """Of answers, ascending; right within 0.8 %."""
    counts: Counts = field(repr=False)
    """How many there were of each."""

    @property
    def share(self) -> float:
        """The part that was kept; 1 where nothing was asked."""
        return self.kept / self.asked if self.asked else 1.0

    @property
    def fits(self) -> bool:
        """Whether enough was kept."""
        return self.share >= KEPT

    def quantile(self, at: float) -> float | None:
        """Milliseconds; None where nothing was answered."""
        return quantile(self.latencies_ms, self.counts, at)

    def data(self) -> dict[str, Any]:
        """As JSON takes it."""
        latency = {f"p{round(at * 100)}_ms": self.quantile(at) for at in (0.5, 0.9, 0.99)}
        counted = {key: getattr(self, key) for key in ("asked", "kept", "late", "dropped", "bound_ms")}
        return {"name": self.name, **counted, "share": self.share, **latency}


@dataclass(frozen=True)
class Busy:
    """A lane, a device's stream or a model, and the part of the time that it was busy."""

    name: str
    share: float
    runs: int
    instances: int = 1
    """Of a model: so many of its runs may go on at once."""


@dataclass(frozen=True)
class Slice:
    """A part of the time: its end, misses and frames asked for by pipeline, and busy shares of lanes."""

    end: float
    missed: list[int]
    asked: list[int]
    lanes: list[float]


@dataclass(frozen=True)
class Outcome:
    """All of it. Models' busy shares are of all lanes' time."""

    seconds: float
    order: str
    pipelines: list[PipelineOutcome]
    lanes: list[Busy]
    models: list[Busy]
    slices: list[Slice]
    took: float
    """Seconds that the simulation took."""

    def data(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "seconds": self.seconds,
            "order": self.order,
            "fits": all(one.fits for one in self.pipelines),
            "pipelines": [one.data() for one in self.pipelines],
            "lanes": [asdict(one) for one in self.lanes],
            "models": [asdict(one) for one in self.models],
            "over_time": [asdict(one) for one in self.slices],
            "took_s": round(self.took, 3),
        }


def quantile(values: Floats, counts: Counts, at: float) -> float | None:
    """Of values that each came so often; None without any."""
    total = int(counts.sum())
    if total == 0:
        return None
    place = int(np.searchsorted(np.cumsum(counts), at * total, side="left"))
    return float(values[min(place, len(values) - 1)])
