"""Tunes the devices beside the processor: each with all models that are placed there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from edgert.documents.chosen import Choice, DeviceChoice
from edgert.documents.profile import BoxDevice, ModelProfile, Point
from edgert.errors import EngineError, Error, ExhaustedError
from edgert.profile.box import box_device
from edgert.profile.grid import doublings
from edgert.profile.placing import Placed
from edgert.profile.stream_bench import StreamBench
from edgert.profile.stream_grid import StreamPlace, described
from edgert.profile.stream_measuring import Key, key_of
from edgert.profile.stream_plan import threads_of

from .stream_mix import StreamSetting
from .stream_search import FoundStreams, StreamSearch

Tell = Callable[[str], None]


class StreamTuning:
    """Searches device by device. Whatever ends run(), `found` has what was searched until then."""

    def __init__(self, placed: Sequence[Placed], seconds: float) -> None:
        self._placed, self._seconds = list(placed), seconds
        self._benches: dict[Key, StreamBench] = {}
        self.found: dict[str, FoundStreams] = {}
        """By device."""
        self.models: list[ModelProfile] = []
        """What runs of each model by itself take as the device was chosen to run."""

    def load(self, tell: Tell) -> dict[str, float]:
        """What runs take alone, in seconds, by model. Raises what opening and running a model raises."""
        alone: dict[str, float] = {}
        for one in self._placed:
            tell(f"loading {one.title}")
            bench = self._benches[key_of(one)] = StreamBench(one)
            took = bench.alone(self._seconds)
            alone[one.subject.reference] = min(took, alone.get(one.subject.reference, took))
        return alone

    def run(self, bounds: Mapping[str, float], tell: Tell) -> None:
        """Searches all devices. `bounds`: by model, what a run may take, in seconds."""
        for name in dict.fromkeys(one.device.name for one in self._placed):
            benches = self._on(name)
            device = next(one.device for one in self._placed if one.device.name == name)

            def seen(setting: StreamSetting, name: str = name) -> None:
                tell(f"{name}: {setting.described()}")

            limits = {model: bounds[model] for model in benches if model in bounds}
            search = StreamSearch(device, benches, self._seconds, limits, seen)
            try:
                self.found[name] = search.run()
            except BaseException:
                if (found := search.so_far()) is not None:
                    self.found[name] = found
                raise
            self.models += [self._measured(name, bench, tell) for bench in benches.values()]

    @property
    def held(self) -> dict[str, float]:
        """By model, in seconds, how long 90 % of its runs are held at most while the device is full."""
        found: dict[str, float] = {}
        for one in self.found.values():
            for model, held in one.taken.held.items():
                found[model] = max(held, found.get(model, 0.0))
        return found

    def devices(self) -> list[BoxDevice]:
        """What was searched."""
        return [box_device(one.device.name, one.device.type, one.device.gpu) for one in self.found.values()]

    def choices(self) -> tuple[list[Choice], list[DeviceChoice]]:
        """What was chosen of models and devices. Of a model on several devices, the smallest batch."""
        models: dict[str, Choice] = {}
        for one in self._placed:
            if (found := self.found.get(one.device.name)) is None:
                continue
            name, setting = one.subject.reference, found.setting
            batch = dict(setting.batches)[name]
            if name not in models or batch < models[name].batch:
                threads = threads_of(one.subject)
                models[name] = Choice(model=name, threads=threads, instances=setting.runs, batch=batch)
        devices = [
            DeviceChoice(device=name, streams=found.setting.streams, in_flight=found.setting.in_flight)
            for name, found in self.found.items()
        ]
        return list(models.values()), devices

    def _on(self, name: str) -> dict[str, StreamBench]:
        return {model: bench for (model, device), bench in self._benches.items() if device == name}

    def _measured(self, name: str, bench: StreamBench, tell: Tell) -> ModelProfile:
        """One, two, four streams, up to the chosen ones: simulations shall know how runs slow each other."""
        setting = self.found[name].setting
        batch = dict(setting.batches)[bench.placed.subject.reference]
        batches = sorted({bench.least, batch})
        places: list[StreamPlace] = [
            (streams, setting.in_flight, items) for items in batches for streams in doublings(setting.streams)
        ]
        points: list[Point] = []
        notes: list[str] = []
        for place in places:
            tell(f"{bench.placed.title}: {described(place)}")
            try:
                points.append(bench.measure(place, self._seconds).point)
            except (EngineError, ExhaustedError) as error:
                if not points:
                    raise
                notes.append(f"{described(place)}: {error}")
        found = bench.profile(points, notes)
        try:
            found.paced = bench.paced(float(points[0].p50), self._seconds)
        except Error as error:
            found.notes.append(f"runs far apart: {error}")
        return found
