"""Models moved between devices by load."""

from __future__ import annotations

from edgert.policy import Decisions, Policy, Queue, Snapshot

AHEAD = 1.0  # s in which what waits shall be done
GAIN = 0.1  # of the load of the busiest device, what a move must promise at least


class Balance(Policy):
    """Moves models whose documents name several devices from the busiest device to one that has time.

    A device's load is how busy its lanes are and what waits there, as lanes that it would keep busy for a
    second: above 1 there is more than it can do. While the busiest has more than `busy`, the model is moved
    whose move leaves the busier of both devices with the least; of about equal ones the one that runs most
    often. Below that, models go back to the device that
    their documents name first, one at a time, where that leaves it with less than `calm`. Between the two
    nothing moves, and after each move nothing does for `settle` seconds, until what is measured is of the new
    place: so nothing goes to and fro.

    Where single models are more than one device can do, `place: soonest` of a Scheduler document does more,
    as it sends each run where it ends first; this policy keeps a model at one place, which keeps its run
    times alike, and its batches together.
    """

    def __init__(self, busy: float = 0.85, calm: float = 0.6, settle: float = 3.0) -> None:
        if not 0 < calm < busy:
            raise ValueError(f"calm is {calm} and busy {busy}; write 0 < calm < busy")
        self.busy, self.calm, self.settle = busy, calm, settle
        self.places: dict[str, str] = {}
        self.next, self.moved = 0.0, "nothing moved yet"

    def decide(self, now: Snapshot) -> Decisions:
        movable = {name: model for name, model in now.models.items() if len(model.devices) > 1}
        self.places = {name: self.places.get(name, model.devices[0]) for name, model in movable.items()}
        loads = self._loads(now)
        if now.time >= self.next and (move := self._relief(now, loads) or self._way_back(now, loads)):
            name, device = move
            self.moved = f"{name} from {self.places[name]} to {device}"
            self.places[name] = device
            self.next = now.time + self.settle
        told = ", ".join(f"{name} {load:.2f}" for name, load in loads.items())
        return Decisions(place=dict(self.places), note=f"loads {told}; {self.moved}")

    def _loads(self, now: Snapshot) -> dict[str, float]:
        loads = {name: device.load for name, device in now.devices.items()}
        for queue in now.queues.values():
            if len(queue.devices) == 1:
                loads[queue.devices[0]] += _part(now, queue, queue.devices[0], queue.waiting / AHEAD)
            for place in queue.places.values():
                loads[place.name] += _part(now, queue, place.name, place.waiting / AHEAD)
        return loads

    def _relief(self, now: Snapshot, loads: dict[str, float]) -> tuple[str, str] | None:
        """The move that helps the busiest device most, if it has too much to do."""
        busiest = max(loads, key=lambda name: loads[name])
        if loads[busiest] <= self.busy:
            return None
        after = {
            (name, device): max(
                loads[busiest] - _demand(now, now.queues[name], busiest),
                loads[device] + _demand(now, now.queues[name], device),
            )
            for name, place in self.places.items()
            if place == busiest
            for device in now.queues[name].devices
            if device != busiest
        }
        # Of moves that promise about as much the one of most runs: they wait for each other most.
        best = min(after, key=lambda move: (round(after[move], 1), -now.queues[move[0]].rate), default=None)
        return best if best is not None and after[best] < loads[busiest] * (1 - GAIN) else None

    def _way_back(self, now: Snapshot, loads: dict[str, float]) -> tuple[str, str] | None:
        for name, place in self.places.items():
            first = now.queues[name].devices[0]
            if place != first and loads[first] + _demand(now, now.queues[name], first) < self.calm:
                return name, first
        return None


def _demand(now: Snapshot, queue: Queue, device: str) -> float:
    """The part of the device's lanes that all runs of a model would keep busy there."""
    return _part(now, queue, device, queue.rate + queue.waiting / AHEAD)


def _part(now: Snapshot, queue: Queue, device: str, runs: float) -> float:
    """Of so many runs a second. What a run takes there, or as long as that isn't known, anywhere."""
    place = queue.places.get(device)
    run_ms = (place.expected_ms if place else 0.0) or queue.run_ms or queue.expected_ms
    return runs * run_ms / 1e3 / max(1, len(now.devices[device].lanes))
