"""What a policy sees: one moment, and the last seconds before it.

Rates (a second), times (milliseconds) and shares are of the last seconds: what happened t ago counts
exp(-t / 2 s) times as much as what happens now. Everything is immutable, by name, in the documents' order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """A model on one of several devices: its runs there, and what waits for them."""

    name: str
    """The device."""
    waiting: int
    rate: float
    run_ms: float
    run_p50_ms: float
    run_p99_ms: float
    wait_p50_ms: float
    expected_ms: float
    """What the next run there is expected to take, by the runs so far or a profile; 0: not known yet."""


@dataclass(frozen=True)
class Queue:
    """The executions of one model, or of one transform that isn't run at once, that wait for a lane."""

    name: str
    """The model's name as steps call it, or the step's name."""
    is_model: bool
    applications: tuple[str, ...]
    pipelines: tuple[str, ...]
    """Who wants it, as "application/pipeline"."""
    waiting: int
    rate: float
    """Executions a second."""
    run_ms: float
    """The mean run."""
    run_p50_ms: float
    run_p99_ms: float
    wait_p50_ms: float
    """Between being ready and being run."""
    wait_p99_ms: float
    expected_ms: float
    """What a run should take: by the profile, or the quickest median seen so far; 0: not known yet."""
    slowdown: float
    """run_p50_ms over expected_ms; 1.0 while unknown."""
    most_batch: int = 1
    """Executions that may be run as one, at most."""
    devices: tuple[str, ...] = ("cpu",)
    """Where it can run."""
    device: str = "cpu"
    """Where it is sent now: one of them, or soonest."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """By device, of a model with several."""


@dataclass(frozen=True)
class Pipeline:
    """What one pipeline got. Rates of results are a second."""

    name: str
    """ "application/pipeline"."""
    application: str
    sensor: str
    bound_ms: float | None
    """From capture to result; None: no bound."""
    on_miss: str
    queues: tuple[str, ...]
    """The queues that its frames go through."""
    ok: float
    late: float
    skipped: float
    dropped: float
    failed: float
    stale: float
    """Answered from an earlier frame, since the bound had passed (on_miss: last)."""
    refused: float
    """Frames whose bound had passed before work began."""
    limited: float
    """Frames that its application's limits kept out (queue_limit, rate_limit, device_share)."""
    latency_p50_ms: float
    latency_p99_ms: float
    share: float
    """Of the frames that are due, those that are worked on."""

    @property
    def missed(self) -> float:
        """The part of what it wanted in time that it didn't get in time: 0 to 1."""
        missed = self.late + self.dropped + self.stale + self.refused
        wanted = self.ok + missed
        return missed / wanted if wanted > 0 else 0.0


@dataclass(frozen=True)
class Application:
    """A tenant."""

    name: str
    weight: float
    device: float
    """Lanes that it kept busy: 0.5 is half of one. Shared work counts in equal parts."""
    waiting: int
    """Frames that its pipelines were not answered for."""


@dataclass(frozen=True)
class Device:
    """What runs models."""

    name: str
    lanes: tuple[float, ...]
    """How busy each lane is: 0 to 1. A run counts when it ends."""

    @property
    def load(self) -> float:
        """How busy the lanes are together: 0 to 1."""
        return sum(self.lanes) / len(self.lanes) if self.lanes else 0.0


@dataclass(frozen=True)
class Sensor:
    """Where frames come from."""

    name: str
    rate: float
    """Frames a second."""
    waiting: int
    """Frames in its inbox."""
    in_flight: int
    """Frames that are worked on."""
    dropped: float
    """Frames a second that no pipeline got."""


@dataclass(frozen=True)
class Snapshot:
    """One moment."""

    time: float
    """Seconds of the monotonic clock."""
    uptime_s: float
    devices: Mapping[str, Device]
    queues: Mapping[str, Queue]
    pipelines: Mapping[str, Pipeline]
    applications: Mapping[str, Application]
    sensors: Mapping[str, Sensor]
    temperatures_c: Mapping[str, float]
    """By the kernel's names; empty where the box tells none."""
    powers_w: Mapping[str, float]
    """Likewise."""

    @property
    def models(self) -> dict[str, Queue]:
        """The queues that are models'."""
        return {name: queue for name, queue in self.queues.items() if queue.is_model}

    @property
    def load(self) -> float:
        """How busy all lanes are together: 0 to 1."""
        lanes = [lane for device in self.devices.values() for lane in device.lanes]
        return sum(lanes) / len(lanes) if lanes else 0.0
