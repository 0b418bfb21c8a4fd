"""The planner: from documents to one plan, in which equal work is one node.

planned = plan(edgert.documents.load(["box.yaml"]))
readings = planned.pipelines["faces"].read(result)
"""

from __future__ import annotations

from edgert.documents import DocumentSet

from .frames import Probe
from .native import Builder
from .planned import Planned, PlannedModel, PlannedOutput, PlannedPipeline, PlannedSensor
from .planning import Planning

__all__ = ["Planned", "PlannedModel", "PlannedOutput", "PlannedPipeline", "PlannedSensor", "Planning", "plan"]


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
    planning = Planning(documents, builder, probe, merge=merge, trunks=trunks, fuse=fuse)
    return planning.plan(only_check=only_check)
