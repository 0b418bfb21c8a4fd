"""Measures models on devices: every point of the grid, far apart, and beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from edgert.documents.profile import BoxDevice, ModelProfile, Point, Together
from edgert.errors import EngineError, Error, ExhaustedError, InvalidError

from .box import box_device
from .placing import Placed
from .stream_bench import StreamBench, beside
from .stream_grid import StreamGrid, StreamPlace, described
from .stream_plan import Load
from .stream_runs import observe
from .subjects import Subject

Step = tuple[str, Callable[[], None]]
Key = tuple[str, str]
"""(model, device)."""
MOST_PAIRS = 4
MOST = 1 << 30


class StreamProfiling:
    """Measures `placed` over a grid, `seconds` a point. `neighbours` run on the processor meanwhile, one at a
    time; empty: nothing is measured beside them.

    Whatever breaks the steps off, `found` has what was measured until then.
    """

    def __init__(
        self,
        placed: Sequence[Placed],
        grid: StreamGrid | None = None,
        seconds: float = 0.5,
        together: bool = True,
        neighbours: Sequence[Subject] = (),
    ) -> None:
        self._placed, self._seconds, self._together = list(placed), seconds, together
        self._grid = grid or StreamGrid()
        self._neighbours = list(neighbours)
        self._benches: dict[Key, StreamBench] = {}
        self._refused: dict[Key, int] = {}  # the least batch that isn't made there
        self._on_processor: dict[str, float] = {}  # means of neighbours alone, run as beside others
        self.found: dict[Key, ModelProfile] = {}
        self.of_neighbours: dict[str, list[Together]] = {}
        """What models on the processor take beside runs on a device."""

    def steps(self, tell: Callable[[str], None]) -> list[Step]:
        """What is to be measured, in words, and what measures it. Raises what opening a model raises."""
        for one in self._placed:
            tell(f"loading {one.title}")
            self._benches[key_of(one)] = StreamBench(one)
        found = [step for one in self._placed for step in self._of(one)]
        return found + (list(self._pairs()) if self._together else [])

    def devices(self) -> list[BoxDevice]:
        """What those devices are on which something was measured."""
        there = {one.device.name: one.device for one in self._placed if key_of(one) in self.found}
        return [box_device(device.name, device.type, device.gpu) for device in there.values()]

    def _of(self, one: Placed) -> Iterator[Step]:
        for place in self._grid.places(one.device, self._benches[key_of(one)].batch):
            yield f"{one.title}: {described(place)}", partial(self._point, one, place)
        yield f"{one.title}: runs far apart", partial(self._paced, one)

    def _pairs(self) -> Iterator[Step]:
        for first, second in pairs_of(self._placed):
            if self._benches[key_of(first)].content == self._benches[key_of(second)].content:
                continue  # equal files are one model
            yield f"{first.title} beside {second.title}", partial(self._beside, first, second)
        everywhere = len(self._placed) * len(self._neighbours) <= MOST_PAIRS
        for number, one in enumerate(self._placed):
            others = (
                self._neighbours if everywhere else self._neighbours[number % len(self._neighbours) :][:1]
            )
            for other in others:
                text = f"{one.title} beside {other.title} on the processor"
                yield text, partial(self._beside, one, other)

    def _point(self, one: Placed, place: StreamPlace) -> None:
        key, bench = key_of(one), self._benches[key_of(one)]
        if place[2] >= self._refused.get(key, MOST):
            return
        try:
            point = bench.measure(place, self._seconds).point
        except (EngineError, ExhaustedError, InvalidError) as error:
            if key not in self.found:
                raise  # it doesn't even run alone
            self._leave_out(key, place, bench, error)
            return
        self._add(key, bench, point)

    def _leave_out(self, key: Key, place: StreamPlace, bench: StreamBench, error: Error) -> None:
        """What isn't valid there, or doesn't fit, isn't with more items either."""
        greater = place[2] > bench.least and not isinstance(error, EngineError)
        if greater:
            self._refused[key] = place[2]
        self.found[key].notes.append(f"{described(place)}{', and greater ones' if greater else ''}: {error}")

    def _add(self, key: Key, bench: StreamBench, point: Point) -> None:
        if (found := self.found.get(key)) is not None:
            found.points.append(point)
            return
        fixed = [] if bench.batch == "free" else [f"its batch is fixed: {bench.batch} a run"]
        self.found[key] = bench.profile([point], fixed)

    def _paced(self, one: Placed) -> None:
        found, bench = self.found[key_of(one)], self._benches[key_of(one)]
        run = float(min(found.points, key=lambda point: (point.batch, point.instances)).p50)
        found.paced = bench.paced(run, self._seconds)

    def _beside(self, first: Placed, second: Placed | Subject) -> None:
        found = self.found[key_of(first)]
        name = second.subject.reference if isinstance(second, Placed) else second.reference
        try:
            alone = self._alone(first), self._alone(second)
            one, other = beside(first, second, alone, self._seconds)
        except Error as error:
            found.notes.append(f"beside {name}: {error}")
            return
        if one is None or other is None:
            found.notes.append(f"beside {name}: not measured, as their runs hardly met")
        if one is not None:
            found.together.append(one)
        if other is not None and isinstance(second, Placed):
            self.found[key_of(second)].together.append(other)
        elif other is not None:
            self.of_neighbours.setdefault(name, []).append(other)

    def _alone(self, one: Placed | Subject) -> float:
        if isinstance(one, Placed):
            return self._benches[key_of(one)].alone(self._seconds)
        if one.reference not in self._on_processor:
            took = observe([Load(one, None)], [], self._seconds).runs[0].took
            self._on_processor[one.reference] = float(took.mean())
        return self._on_processor[one.reference]


def key_of(one: Placed) -> Key:
    """What stands for it."""
    return one.subject.reference, one.device.name


def pairs_of(placed: Sequence[Placed]) -> Iterator[tuple[Placed, Placed]]:
    """Of each device: each model with each of up to four, else with the next one."""
    from .measuring import pairs

    for name in dict.fromkeys(one.device.name for one in placed):
        there = [one for one in placed if one.device.name == name]
        for first, second in pairs(len(there)):
            yield there[first], there[second]
