"""Plans that grow: what is planned stays, and what is new is planned beside it."""

from __future__ import annotations

from dataclasses import replace

from edgert.documents import DocumentErrors, DocumentSet, Problem
from edgert.documents.load import in_order

from .frames import Probe
from .models import Opened
from .native import Builder, open_builder
from .pipelines import Planner
from .planned import Planned
from .shared import Shared, share
from .sliced import sliced
from .trunk_times import known_cuts, known_trunks


class Planning:
    """The plan of some documents, to which others can be added.

        planning = Planning(edgert.documents.load(["box.yaml"]))
        planned = planning.plan()
        planned = planning.add(edgert.documents.read(["one-more.yaml"]))

    Adding a pipeline looks at its own documents alone: chains, models and answers that are there are taken as
    they are. Each plan is whole by itself; earlier ones stay as they were.
    """

    def __init__(
        self,
        documents: DocumentSet,
        builder: Builder | None = None,
        probe: Probe | None = None,
        *,
        merge: bool = True,
        trunks: bool = True,
        fuse: bool = True,
        anew: bool = False,
    ) -> None:
        self.documents = documents
        self._builder, self._probe = builder, probe or _probe()
        self._merge, self._trunks, self._fuse = merge, trunks and builder is None, fuse
        self._anew = anew  # what models share is measured, whatever was found before
        self._planner: Planner | None = None

    def plan(self, *, only_check: bool = False) -> Planned:
        """Plans all of the documents. `edgert.planner.plan` says more. Raises DocumentErrors."""
        builder = self._builder or open_builder(self._fuse)
        planner = Planner(self.documents, builder, self._probe, self._merge)
        planner.plan(every_model=only_check)
        planner = self._sharing(planner, only_check)
        if not planner.problems and not planner.pipelines and not only_check:
            planner.problems.append(Problem("there is nothing to run", "add a document of kind Pipeline"))
        return self._finish(planner)

    def add(self, documents: DocumentSet) -> Planned:
        """Plans these, too. What they can name is theirs and what is there.

        Raises DocumentErrors; then nothing was added, and the next call plans everything again. So it does
        where documents of other kinds than Sensor, Model, Application and Pipeline come, which may concern
        what is there, and where models were cut.
        """
        before, planner = self.documents, self._planner
        self.documents = before.plus(documents)
        others = documents.profiles or documents.policies or documents.schedulers
        try:
            if planner is None or planner.runs.cuts or others:
                return self.plan()
            planner.add(documents, self.documents)
            return self._finish(self._sharing(planner, False))
        except DocumentErrors:
            self.documents = before
            raise

    def back_to(self, documents: DocumentSet) -> None:
        """What was added since is not wanted after all. The next call plans everything again."""
        self.documents, self._planner = documents, None

    def _sharing(self, first: Planner, every_model: bool) -> Planner:
        """The planner of the same documents in which models share pieces; the given one where none do."""
        if not self._trunks or first.problems:
            return first
        longest = first.documents.scheduler.pieces
        profiles = [] if self._anew else list(self.documents.profiles.values())
        nodes = first.runs.by_node()
        shared = share(nodes, known_trunks(profiles), self._anew)
        shared = sliced(nodes, shared, longest, known_cuts(profiles), self._anew)
        first.decisions = shared.decisions
        if not shared.cuts:
            return first
        formats = {id(one.document.source): dict(one.format) for one in first.sensors.values()}
        second = Planner(
            first.documents,
            open_builder(self._fuse),
            lambda source, base: formats[id(source)],
            first.merge,
            _in_pieces_only(first, shared),
            shared.cuts,
        )
        second.plan(every_model=every_model)
        if second.problems:  # pieces that can't be planned as their models can: these then run whole
            said = str(second.problems[0])
            first.decisions = tuple(replace(one, shared=False, reason=said) for one in shared.decisions)
            return first
        second.decisions = shared.decisions
        return second

    def _finish(self, planner: Planner) -> Planned:
        planned = None if planner.problems else planner.finish()
        self._planner = planner if planned else None
        if planned is None:
            raise DocumentErrors(in_order(planner.problems))
        return planned


def _in_pieces_only(planner: Planner, shared: Shared) -> dict[int, Opened]:
    """The models that run nowhere whole, by document."""
    runs = planner.runs.noted
    whole = {id(run.opened.document) for run in runs if run.key not in shared.cuts}
    return {id(run.opened.document): run.opened for run in runs if id(run.opened.document) not in whole}


def _probe() -> Probe:
    from edgert.sources import probe_format

    return probe_format
