"""Which points of a device are measured: streams × in flight × batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgert.documents.device import MOST_RUNS, Device
from edgert.errors import InvalidError, make

STREAMS = (1, 2, 4, 8)
IN_FLIGHT = (1, 2, 4)
QUICK = 2  # of each list, so many; and of batches
BATCHES = (1, 2, 4, 8)

StreamPlace = tuple[int, int, int]
"""(streams, in flight, batch)."""


@dataclass(frozen=True)
class StreamGrid:
    """What to combine. Empty lists: the defaults, with what the device's document says.

    Raises InvalidError for a number that no device takes.
    """

    streams: Sequence[int] = ()
    in_flight: Sequence[int] = ()
    batch: Sequence[int] = ()
    quick: bool = False

    def __post_init__(self) -> None:
        for name, values in (("streams", self.streams), ("in flight", self.in_flight)):
            for value in values:
                if not 1 <= value <= MOST_RUNS:
                    hint = f"give 1 to {MOST_RUNS}"
                    raise make(InvalidError, f"grid: {name}", f"{value} can't be on a device", hint)

    def places(self, device: Device, batch: int | str) -> list[StreamPlace]:
        """The points of a model there, small ones first. `batch`: "free", or the one that it takes. Left out
        is what would be more runs than a device takes."""
        most = QUICK if self.quick else None
        streams = self.streams or (*STREAMS[:most], device.streams)
        in_flight = self.in_flight or (*IN_FLIGHT[:most], device.in_flight)
        batches = (self.batch or BATCHES[:most]) if batch == "free" else [int(batch)]
        found = {
            (count, depth, items)
            for count in streams
            for depth in in_flight
            for items in batches
            if count * depth <= MOST_RUNS
        }
        return sorted(found, key=lambda place: (place[2], place[0] * place[1], place))


def described(place: StreamPlace) -> str:
    """ "2 streams × 2 in flight, batch 1"."""
    streams, in_flight, batch = place
    return f"{streams} stream{'' if streams == 1 else 's'} × {in_flight} in flight, batch {batch}"
