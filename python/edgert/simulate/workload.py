"""A workload, ready to be simulated as often as one likes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgert.documents import DocumentErrors, DocumentSet
from edgert.documents.check import check
from edgert.documents.load import in_order
from edgert.errors import InvalidError, make
from edgert.explain import explain
from edgert.planner import Planned, plan
from edgert.policy.apply import FIRST, places
from edgert.policy.outline import outline_of
from edgert.profile import this_box

from . import costs, pieces, sensors, steps, times
from .assumptions import Assumptions

if TYPE_CHECKING:
    from edgert.policy import KeepFree


@dataclass
class Workload:
    """A plan, and all that stands for a box and its surroundings."""

    planned: Planned
    lanes: int
    cores: int
    """Of the box that the newest profile was measured on."""
    order: str
    ageing_ms: float
    models: Mapping[int, dict[str, Any]]
    among: Mapping[str, Any]
    """Run times among other work, and how lanes wake."""
    nodes: Mapping[int, float]
    """Of transforms, in ms."""
    open: Mapping[int, float]
    rows: Mapping[int, float]
    sources: Mapping[str, Mapping[str, float]]
    """What a frame costs its source, by sensor."""
    rates: Mapping[str, float]
    """Frames a second, by sensor."""
    assumed: Assumptions
    keep_free: KeepFree | None = None
    place: str = "first"
    """Where models run whose documents name several devices."""
    notes: list[str] = field(default_factory=list)
    """What whoever reads the outcome should know."""

    @classmethod
    def of(
        cls,
        documents: DocumentSet,
        assumed: Assumptions | None = None,
        lanes: int = 0,
        order: str | None = None,
        trunks: bool = True,
    ) -> Workload:
        """Plans the documents, Profiles among them.

        `lanes` (0: what a Profile chose, else one a core of the profile's box), `order` and `trunks` as of
        Runtime.
        Raises DocumentErrors for documents that aren't well and sensors without a rate, InvalidError for
        models without run times and assumptions about what isn't there. Recordings are read, and models, too;
        those that run in pieces are run to see that these give the same, unless that is remembered.
        """
        assumed = assumed or Assumptions()
        if problems := [*documents.problems, *check(documents)]:
            raise DocumentErrors(in_order(dict.fromkeys(problems)))
        planned = plan(times.as_of_here(documents), trunks=trunks)
        explanation = explain(planned)
        nodes = explanation.nodes
        rates = sensors.rates(planned, assumed.rates)
        opened, said = steps.gates(nodes, assumed.open), steps.rows(nodes, assumed.rows)
        models = times.model_times(documents, planned)
        among, lacking = times.among_times(documents, planned)
        profiles = times.newest_first(documents.profiles.values())
        cores = profiles[0].box.cores if profiles else this_box().cores
        found, counted = steps.found_rows(nodes, said, profiles)
        windows = steps.windows(explanation, planned, rates)
        scheduler = documents.scheduler
        nodes_ms, unmeasured = costs.costs(explanation, windows, assumed.costs, profiles)
        return cls(
            planned=planned,
            lanes=_lanes(lanes or documents.lanes or cores),
            cores=cores,
            order=order or scheduler.order,
            ageing_ms=float(scheduler.ageing) * 1e3,
            models=models,
            among=among,
            nodes=nodes_ms,
            open=opened,
            rows={**found, **windows, **said},
            sources=times.source_times(documents, planned),
            rates=rates,
            assumed=assumed,
            keep_free=scheduler.kept(),
            place=scheduler.place,
            notes=[
                *times.stale_notes(documents, planned),
                *times.warm_notes(lacking),
                *pieces.piece_notes(planned, profiles),
                *unmeasured,
                *counted,
                *_left_out(documents),
            ],
        )

    def simulation(
        self,
        seed: int = 1,
        lanes: int = 0,
        order: str = "",
        share: float = 1.0,
        arrivals: Mapping[str, dict[str, Any]] | None = None,
    ) -> Any:
        """A new `_native.Simulation` of it; with other lanes, another order, all sensors at a share of their
        rates, or other arrivals (as that takes them)."""
        from edgert import _native

        rates = {name: rate * share for name, rate in self.rates.items()}
        made = _native.Simulation(
            self.planned.spec,
            lanes or self.lanes,
            order=order or self.order,
            models=dict[Any, Any](self.models),
            nodes=dict[Any, Any](self.nodes),
            open=dict[Any, Any](self.open),
            rows=dict[Any, Any](self.rows),
            arrivals={
                name: {**self.sources.get(name, {}), **one}
                for name, one in (arrivals or sensors.arrivals(rates, self.assumed)).items()
            },
            seed=seed,
            ageing_ms=self.ageing_ms,
            among=dict(self.among),
        )
        if self.keep_free is not None:
            kept = self.keep_free
            made.keep_free(kept.lanes, math.inf if kept.longer_ms is None else kept.longer_ms)
        if self.place != FIRST:
            queues = outline_of(self.planned, made.queues())["queues"]
            made.set_places(places(queues, {}, self.place))
        return made


def _lanes(lanes: int) -> int:
    if not 1 <= lanes <= 64:
        raise make(InvalidError, "lanes", f"{lanes} can't be", "give 1 to 64")
    return lanes


def _left_out(documents: DocumentSet) -> list[str]:
    return [f"{one.title}: policies aren't simulated; the order holds" for one in documents.policies.values()]
