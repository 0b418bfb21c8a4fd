"""The planner: from documents to one plan, in which equal work is one node.

planned = plan(edgert.documents.load(["box.yaml"]))
readings = planned.pipelines["faces"].read(result)
"""

from __future__ import annotations

from dataclasses import replace

from edgert.documents import DocumentErrors, DocumentSet, Problem
from edgert.documents.load import in_order

from .models import Opened
from .native import Builder, open_builder
from .pipelines import Planner, Probe
from .planned import Planned, PlannedModel, PlannedOutput, PlannedPipeline, PlannedSensor
from .shared import Shared, share

__all__ = ["Planned", "PlannedModel", "PlannedOutput", "PlannedPipeline", "PlannedSensor", "plan"]


def plan(
    documents: DocumentSet,
    builder: Builder | None = None,
    probe: Probe | None = None,
    *,
    only_check: bool = False,
    merge: bool = True,
    trunks: bool = True,
    fuse: bool = True,
) -> Planned:
    """Plans all pipelines. Files of the zoo are fetched when they aren't cached; models and media are read.

    Raises DocumentErrors with everything that is wrong, in documents and between them and files. `builder`
    and `probe` stand in for the native builder and edgert.sources.probe_format in tests. With `only_check`,
    models that no step names are opened too, and there need be no pipeline (`spec` is None then). Without
    `merge`, no two pipelines share work: what sharing saves is the difference. `trunks`: models that begin
    alike are cut, and share what they have in common (docs/feature-sharing.md). Without `fuse` (where no
    `builder` is given), pictures become tensors step by step and not in one pass: convert, resize, scale, lay
    out.
    """
    planner = Planner(documents, builder or open_builder(fuse), probe or _probe(), merge)
    planner.plan(every_model=only_check)
    if trunks and builder is None and not planner.problems:
        planner = _sharing(planner, only_check, fuse)
    if not planner.problems and not planner.pipelines and not only_check:
        planner.problems.append(Problem("there is nothing to run", "add a document of kind Pipeline"))
    planned = None if planner.problems else planner.finish()
    if planned is None:
        raise DocumentErrors(in_order(planner.problems))
    return planned


def _sharing(first: Planner, every_model: bool, fuse: bool) -> Planner:
    """The planner of the same documents in which models share pieces; the given one where none do."""
    shared = share(first.runs.noted)
    first.decisions = shared.decisions
    if not shared.cuts:
        return first
    formats = {id(one.document.source): dict(one.format) for one in first.sensors.values()}
    second = Planner(
        first.documents,
        open_builder(fuse),
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


def _in_pieces_only(planner: Planner, shared: Shared) -> dict[int, Opened]:
    """The models that run nowhere whole, by document."""
    runs = planner.runs.noted
    whole = {id(run.opened.document) for run in runs if run.key not in shared.cuts}
    return {id(run.opened.document): run.opened for run in runs if id(run.opened.document) not in whole}


def _probe() -> Probe:
    from edgert.sources import probe_format

    return probe_format
