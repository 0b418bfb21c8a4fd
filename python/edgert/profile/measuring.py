"""Measures models point by point, and keeps what was measured when it is broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone

from edgert.documents import DocumentSet, Profile
from edgert.documents.profile import (
    CutTimes,
    FoundRows,
    ModelProfile,
    Point,
    SourceProfile,
    Spread,
    Together,
    TransformProfile,
    TrunkTimes,
)
from edgert.errors import EngineError, Error, ExhaustedError

from .among import Round, lane_counts, measure_round, pooled
from .answers import Answers, measure_answers
from .bench import Bench, times
from .box import engine_versions, this_box
from .grid import Grid, Place, default_grid
from .sources import measure_sources
from .spells import spells
from .stream_measuring import StreamProfiling
from .subjects import Subject
from .transforms import measure_transforms
from .trunk_times import trunk_times
from .wake import measure_wake

Tell = Callable[[int, int, str], None]
"""Called before each measurement: how many are done, how many there are, and what comes."""

LEAST_RUNS = 3
PROCESSOR = "cpu:0"
AMONG = 3  # rounds, each as long as a point is measured: what is rare shall be seen, too
FRAMES = 600  # that wake a lane, for each second of a measurement
MOST = 1 << 30


class Profiling:
    """Measures `subjects` over a grid, `seconds` a point, alone, each beside the others, and among other work
    (three times as long: what is rare is seen there). Of `documents`, transforms, recordings, and the pieces
    that models share, too. `devices`: what is measured beside the processor, before all of them together.

    Whatever ends run(), document() has what was measured until then.
    """

    def __init__(
        self,
        subjects: Sequence[Subject],
        grid: Grid | None = None,
        seconds: float = 0.5,
        together: bool = True,
        documents: DocumentSet | None = None,
        devices: StreamProfiling | None = None,
    ) -> None:
        self.box = this_box()
        self._subjects, self._seconds = list(subjects), seconds
        self._grid = grid or default_grid(self.box.cores)
        self._pairs = list(pairs(len(self._subjects))) if together and self.box.cores > 1 else []
        self._found: dict[str, ModelProfile] = {}
        self._benches: dict[str, Bench] = {}
        self._trunks: list[TrunkTimes] = []
        self._cuts: list[CutTimes] = []
        self.notes: list[str] = []
        """What could not be measured of them together, and why."""
        self._rounds: dict[int, list[Round]] = {}  # among other work, by the number of lanes
        self._refused: dict[str, int] = {}  # the least batch that didn't run
        self._documents = documents
        self._transforms: list[TransformProfile] = []
        self._rows: list[FoundRows] = []
        self._sources: list[SourceProfile] = []
        self._wake: Spread | None = None
        self._push: Spread | None = None
        self._devices = devices or StreamProfiling([])

    @property
    def measured(self) -> list[ModelProfile]:
        """What is there so far, by model and device."""
        return [*self._found.values(), *self._devices.found.values()]

    def run(self, tell: Tell = lambda done, total, label: None) -> None:
        """Measures everything. Raises what loading a model raises."""
        for subject in self._subjects:
            tell(0, 0, f"loading {subject.title}")
            self._benches[subject.reference] = Bench(subject)
        streams = self._devices.steps(lambda label: tell(0, 0, label))
        places = {one.reference: self._places(one) for one in self._subjects}
        among = lane_counts(self.box.cores) * AMONG if self._subjects else []
        total, done = sum(map(len, places.values())) + len(streams) + len(self._pairs) + len(among) + 1, 0
        for subject in self._subjects:
            for place in places[subject.reference]:
                tell(done, total, f"{subject.title}: {described(place)}")
                self._measure(subject, place)
                done += 1
        for first, second in self._pairs:
            one, other = self._subjects[first], self._subjects[second]
            tell(done, total, f"{one.title} beside {other.title}")
            self._measure_pair(one, other)
            done += 1
        for label, measure in streams:
            tell(done, total, label)
            measure()
            done += 1
        for lanes in among:
            tell(done, total, f"all in turn on {lanes} lane{'' if lanes == 1 else 's'}")
            self._measure_among(lanes, self._seconds)
            done += 1
        tell(
            done,
            total,
            "how a lane wakes" if self._documents is None else "lanes that wake, transforms, recordings",
        )
        self._wake, self._push = measure_wake(min(max(int(FRAMES * self._seconds), 30), 300))
        if self._documents is not None:
            self._transforms = [*measure_transforms(self._documents), *self._answers(self._documents)]
            self._sources = measure_sources(self._documents)
            tell(done, total, "models in pieces")
            (self._trunks, self._cuts), notes = trunk_times(self._documents)
            self.notes += notes
        tell(total, total, "done")

    def document(self, name: str) -> Profile:
        """What was measured, as a document. Raises InvalidError for a name that can't be one's."""
        so_far = [one.model_copy() for one in self.measured]  # further rounds shall not change this
        for one in so_far:
            if one.device == PROCESSOR and (more := self._devices.of_neighbours.get(one.model)):
                one.together = [*one.together, *more]
        found = document(name, so_far).model_copy(update={"trunks": self._trunks, "pieces": self._cuts})
        found.box.devices = self._devices.devices()
        found.wake, found.push = self._wake, self._push
        if self._rounds:
            found.spells = spells([one.lanes for one in self._rounds[max(self._rounds)]])
        found.transforms, found.rows, found.sources = self._transforms, self._rows, self._sources
        return found

    def _answers(self, documents: DocumentSet) -> list[TransformProfile]:
        if not documents.pipelines:
            return []
        try:
            found = measure_answers(documents)
        except Error as error:
            found = Answers(notes=[f"what runs behind models isn't measured: {error}"])
        self.notes += found.notes
        self._rows = found.rows
        return found.transforms

    def _places(self, subject: Subject) -> list[Place]:
        return self._grid.places(self._benches[subject.reference].batch, self.box.cores)

    def _measure(self, subject: Subject, place: Place) -> None:
        bench, found = self._benches[subject.reference], self._found.get(subject.reference)
        if place[2] >= self._refused.get(subject.reference, MOST):
            return
        try:
            point = bench.measure(*place, seconds=self._seconds)
        except (EngineError, ExhaustedError) as error:
            if found is None:
                raise  # it doesn't even run alone
            found.notes.append(f"batch {place[2]}, and greater ones: {error}")
            self._refused[subject.reference] = place[2]
            return
        if found is None:
            self._found[subject.reference] = profile_of(bench, [point])
        else:
            found.points.append(point)

    def measure_on(self, seconds: float) -> None:
        """A round more of what models take among other work, so long a model; document() has all rounds
        together. A box isn't equally fast at any time: rounds far from each other see more of it."""
        for lanes in lane_counts(self.box.cores):
            self._measure_among(lanes, seconds)

    def _measure_among(self, lanes: int, seconds: float) -> None:
        benches = [self._benches[reference] for reference in self._found]
        try:
            found = measure_round(benches, lanes, seconds * len(benches))
        except (EngineError, ExhaustedError) as error:
            for profile in self._found.values():
                profile.notes.append(f"among other work on {lanes} lanes: {error}")
            return
        self._rounds.setdefault(lanes, []).append(found)
        by_lanes = [pooled(benches, count, rounds) for count, rounds in sorted(self._rounds.items())]
        for profile, *among in zip(self._found.values(), *by_lanes, strict=True):
            profile.among = among

    def _measure_pair(self, one: Subject, other: Subject) -> None:
        from edgert import _native

        if not {one.reference, other.reference} <= self._found.keys():
            return
        first, second = self._found[one.reference], self._found[other.reference]
        lanes = [
            self._benches[profile.model].steps(1, 1, 1 if profile.batch == "free" else profile.batch)
            for profile in (first, second)
        ]
        try:
            lasting = self._seconds
            found = _native.measure(lanes, seconds=lasting, warm=lasting / 5, least_rounds=LEAST_RUNS)
        except EngineError as error:
            first.notes.append(f"beside {second.model}: {error}")
            return
        for profile, beside, lane in zip((first, second), (second, first), found["lanes"], strict=True):
            if alone := alone_of(profile):
                taken = times(lane["runs"][0])
                slowdown = round(float(taken.p50 / alone.p50), 3)
                profile.together.append(
                    Together(beside=beside.model, slowdown=slowdown, **taken.model_dump())
                )


def document(name: str, models: Sequence[ModelProfile]) -> Profile:
    """A Profile of this box, of now."""
    from edgert import _native

    return Profile(
        name=name,
        box=this_box(),
        edgert=_native.version(),
        engines=engine_versions(model.backend for model in models),
        date=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        models=list(models),
    )


def profile_of(bench: Bench, points: list[Point]) -> ModelProfile:
    """What was measured of the model on that bench."""
    subject = bench.subject
    notes = [] if bench.batch == "free" else [_fixed(int(bench.batch))]
    return ModelProfile(
        model=subject.reference,
        file=subject.document.file if subject.document else str(subject.file),
        content=bench.content,
        backend=bench.backend,
        batch="free" if bench.batch == "free" else int(bench.batch),
        points=points,
        notes=notes,
    )


def alone_of(profile: ModelProfile) -> Point | None:
    """One run at a time, on one thread, of as few items as there can be; None if that wasn't measured."""
    alone = [point for point in profile.points if point.instances == point.threads == 1]
    return min(alone, key=lambda point: point.batch, default=None)


def pairs(count: int) -> Iterator[tuple[int, int]]:
    """Each with each of up to four, else each with the next one."""
    if count <= 4:
        yield from ((i, j) for i in range(count) for j in range(i + 1, count))
    else:
        yield from ((i, (i + 1) % count) for i in range(count))


def described(place: Place) -> str:
    """ "2 × 1 thread, batch 4"."""
    instances, threads, batch = place
    return f"{instances} × {threads} thread{'' if threads == 1 else 's'}, batch {batch}"


def _fixed(batch: int) -> str:
    if batch == 1:
        return "its batch is fixed: one item a run"
    return f"its batch is fixed: {batch} items a run, and fewer are filled up to that"
