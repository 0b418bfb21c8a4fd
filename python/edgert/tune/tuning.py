"""Tunes a box for its documents: each model by itself, then all of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edgert.documents import DocumentSet, Profile
from edgert.documents.chosen import Choice, Chosen
from edgert.errors import InvalidError, make
from edgert.profile.bench import Bench
from edgert.profile.box import usable_cores
from edgert.profile.grid import Place
from edgert.profile.measuring import described, document, profile_of
from edgert.profile.placing import place
from edgert.profile.subjects import Subject, measurable, of_documents

from . import mix
from .bounds import Bound, bounds_of, share
from .race import race
from .search import WORTH, Found, Search
from .stream_tuning import StreamTuning

Tell = Callable[[str], None]
ALONE = 0.1  # s
MIX_ROUNDS = 4


class Tuning:
    """Searches. `seconds` is the length of one measurement; many are made of what is close.

    Raises DocumentErrors for documents that aren't well, InvalidError when no model is in them. Whatever ends
    run(), `found` has the models that were searched until then, the last of them as far as it came, and
    `devices.found` the devices.
    """

    def __init__(
        self,
        documents: DocumentSet,
        seconds: float = 0.1,
        cores: int = 0,
        subjects: Sequence[Subject] | None = None,
    ) -> None:
        self.cores = cores or usable_cores()
        documents = measurable(documents)
        every = list(subjects) if subjects is not None else of_documents(documents)
        if not every:
            hint = "give documents whose pipelines run a model"
            raise make(InvalidError, "tune", "there is no model in the documents", hint)
        self.subjects, placed = place(every, documents)
        self.devices = StreamTuning(placed, seconds)
        self.bounds: list[Bound] = bounds_of(documents)
        self.found: dict[str, Found] = {}
        self.tried: dict[mix.Setting, mix.Taken] = {}
        self.setting: mix.Setting | None = None
        self._seconds = seconds
        self._benches: dict[str, Bench] = {}

    def run(self, tell: Tell = lambda what: None) -> None:
        """Searches for all. Raises what loading or running a model raises."""
        alone = self.devices.load(tell)
        for subject in self.subjects:
            tell(f"loading {subject.title}")
            bench = self._benches[subject.reference] = Bench(subject)
            alone[subject.reference] = float(bench.measure(1, 1, mix.one_run(bench), ALONE).p50)
        for subject in self.subjects:
            name = subject.reference

            def seen(place: Place, title: str = subject.title) -> None:
                tell(f"{title}: {described(place)}")

            bound = share(self.bounds, name, alone)
            self._search(name, Search(self._benches[name], self.cores, self._seconds, bound, seen))
        shares = {name: share(self.bounds, name, alone) for name in alone}
        self.devices.run({name: limit for name, limit in shares.items() if limit is not None}, tell)
        self._mix(tell)

    def _search(self, name: str, search: Search) -> None:
        try:
            self.found[name] = search.run()
        except BaseException:
            if (found := search.so_far()) is not None:
                self.found[name] = found
            raise

    @property
    def written(self) -> mix.Setting:
        """What runs without tuning: a lane a core, and the documents' threads."""
        threads = {one.reference: one.document.threads if one.document else 1 for one in self.subjects}
        return mix.Setting(self.cores, tuple(sorted(threads.items())))

    @property
    def gain(self) -> float | None:
        """Rounds a second over those of what is written; None before the mix was measured."""
        if self.setting is None or not self.subjects:
            return None
        return self.tried[self.setting].rounds / self.tried[self.written].rounds

    def runs(self, setting: mix.Setting) -> dict[str, float]:
        """By model, in seconds, what 90 % of the runs take at most while everything runs."""
        return {**self.tried[setting].p90, **self.devices.held}

    def kept(self, setting: mix.Setting) -> bool:
        """Whether the mix keeps every pipeline's bound, by what 90 % of the runs take at most."""
        taken = self.runs(setting)
        return all(bound.taken(taken) <= bound.seconds for bound in self.bounds)

    def document(self, name: str) -> Profile:
        """What was measured and chosen. Raises InvalidError for a name that can't be one's."""
        models = [profile_of(self._benches[model], found.points) for model, found in self.found.items()]
        made = document(name, [*models, *self.devices.models])
        made.box.devices = self.devices.devices()
        made.chosen = self.chosen()
        return made

    def chosen(self) -> Chosen | None:
        """None while the search isn't over."""
        if self.setting is None:
            return None
        threads, lanes = dict(self.setting.threads), self.setting.lanes
        there, devices = self.devices.choices()
        return Chosen(
            lanes=lanes,
            models=[
                Choice(
                    model=name,
                    threads=threads[name],
                    instances=lanes,
                    batch=found.place[2],
                )
                for name, found in self.found.items()
            ]
            + [choice for choice in there if choice.model not in self.found],
            devices=devices,
        )

    def _mix(self, tell: Tell) -> None:
        if not self.subjects:
            self.setting = self.written
            self.tried[self.setting] = mix.Taken(0.0, {})
            return
        picks = {name: found.place[:2] for name, found in self.found.items()}
        ways = mix.settings(picks, self.cores, dict(self.written.threads))

        def rounds(setting: mix.Setting) -> float:
            tell(f"all together: {setting.described()}")
            seconds = self._seconds * max(len(self._benches), 1)
            taken = mix.measure(self._benches, setting, seconds)
            before = self.tried.get(setting)
            if before is None or taken.rounds > before.rounds:
                self.tried[setting] = taken
            return taken.rounds

        ranked = race(ways, rounds, MIX_ROUNDS)
        inside = [setting for setting in ranked if self.kept(setting)]
        self.setting = self._fewest(inside) if inside else min(ranked, key=self._overrun)

    def _fewest(self, ways: Sequence[mix.Setting]) -> mix.Setting:
        """Of those that give as good as most, the one with the fewest lanes."""
        most = max(self.tried[setting].rounds for setting in ways)
        alike = [setting for setting in ways if self.tried[setting].rounds * WORTH >= most]
        return min(alike, key=lambda setting: setting.lanes)

    def _overrun(self, setting: mix.Setting) -> float:
        """The worst bound's time taken, over the bound."""
        taken = self.runs(setting)
        return max(bound.taken(taken) / bound.seconds for bound in self.bounds)
