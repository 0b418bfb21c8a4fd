"""What is counted of a sensor before its frames enter the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Counts:
    """Each field is written by one thread at a time."""

    read: int = 0
    """Frames that the source gave."""
    held: int = 0
    """Dropped: readers of results held too many frames."""
    budget: int = 0
    """Dropped: the frames in use are as many as the source can lend."""
    refused: int = 0
    """Dropped: the frame was not of the sensor's format."""
    stale: int = 0
    """Dropped: it came from a reader that had been left behind."""
    stopped: int = 0
    """Dropped: in hand when the sensor was stopped."""
    paused: int = 0
    """Dropped: pushed while the sensor was paused or stopped."""
    copied: int = 0
    """Frames that were copied because the source could lend no more."""
    stalls: int = 0
    tries: int = 0
    """How often it was, or is to be, opened again."""
    reconnects: int = 0
    """How often that worked."""
    abandoned: int = 0
    """Readers that did not end when asked."""

    def dropped(self) -> dict[str, int]:
        """By reason."""
        reasons = ("held", "budget", "refused", "stale", "stopped", "paused")
        return {reason: getattr(self, reason) for reason in reasons}

    @property
    def lost(self) -> int:
        """All that never reached the inbox."""
        return sum(self.dropped().values())


def unexplained(row: Mapping[str, Any], dropped: Mapping[str, int], read: int, lost: int) -> int:
    """Frames of which nobody knows where they are: read, less those dropped before the inbox, those dropped
    in it, those waiting in it, and those that went through the plan.

    0 whenever nothing is under way; while frames flow, those between two counters show for a moment.
    """
    inside = row.get("activations", 0) + row.get("waiting", 0) + sum(dropped.values())
    return read - lost - int(inside)
