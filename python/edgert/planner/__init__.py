"""The planner: from documents to one plan, in which equal work is one node.

planned = plan(edgert.documents.load(["box.yaml"]))
readings = planned.pipelines["faces"].read(result)
"""

from __future__ import annotations

from edgert.documents import DocumentErrors, DocumentSet, Problem
from edgert.documents.load import in_order

from .native import Builder, open_builder
from .pipelines import Planner, Probe
from .planned import Planned, PlannedModel, PlannedOutput, PlannedPipeline, PlannedSensor

__all__ = ["Planned", "PlannedModel", "PlannedOutput", "PlannedPipeline", "PlannedSensor", "plan"]


def plan(
    documents: DocumentSet,
    builder: Builder | None = None,
    probe: Probe | None = None,
    *,
    only_check: bool = False,
    merge: bool = True,
) -> Planned:
    """Plans all pipelines. Files of the zoo are fetched when they aren't cached; models and media are read.

    Raises DocumentErrors with everything that is wrong, in documents and between them and files. `builder`
    and `probe` stand in for the native builder and edgert.sources.probe_format in tests. With `only_check`,
    models that no step names are opened too, and there need be no pipeline (`spec` is None then). Without
    `merge`, no two pipelines share work: what sharing saves is the difference.
    """
    planner = Planner(documents, builder or open_builder(), probe or _probe(), merge)
    planner.plan(every_model=only_check)
    if not planner.problems and not planner.pipelines and not only_check:
        planner.problems.append(Problem("there is nothing to run", "add a document of kind Pipeline"))
    planned = None if planner.problems else planner.finish()
    if planned is None:
        raise DocumentErrors(in_order(planner.problems))
    return planned


def _probe() -> Probe:
    from edgert.sources import probe_format

    return probe_format
