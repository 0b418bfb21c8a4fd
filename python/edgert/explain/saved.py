"""What sharing saves, in nodes, time and memory: what there is against what each pipeline had for itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .ways import Explanation


class Saved(NamedTuple):
    """What there is, and what there were if nothing were shared (`asked_…`)."""

    nodes: int
    asked_for: int
    us: float
    """Of a frame of each sensor, one row of every region: transforms and conditions by what is stated or was
    measured, models only where they were measured."""
    asked_us: float
    model_bytes: int
    """Of the files of models, each content once."""
    asked_model_bytes: int
    """A copy for each application."""
    tensor_bytes: int
    """All that is computed of a frame of each sensor."""
    peak_bytes: int
    """Of it what is alive at once, at most: one frame at a time on one lane, one row of every region."""
    models_counted: bool = True
    """Whether the time of models, if there are any, is in `us`."""


def saved(explanation: Explanation) -> Saved:
    """Of a plan."""
    working = [node for node in explanation.nodes if node["op"] != "source"]
    asked = [len(node["pipelines"]) for node in working]
    costs = dict(costs_of(explanation))
    took = [costs.get(node["id"], 0.0) for node in working]
    spec = explanation.planned.spec
    sensors = spec.describe()["sensors"] if spec is not None else []
    once, each = _model_bytes(explanation)
    return Saved(
        len(asked),
        sum(asked),
        sum(time for time, number in zip(took, asked, strict=True) if number),
        sum(time * number for time, number in zip(took, asked, strict=True)),
        once,
        each,
        sum(sensor["tensor_bytes"] for sensor in sensors),
        sum(sensor["peak_bytes"] for sensor in sensors),
        all(node["id"] in costs for node in working if node["op"] == "model"),
    )


def costs_of(explanation: Explanation) -> Iterator[tuple[int, float]]:
    """By node, in microseconds: what was measured, else what is stated. A model's is known only so."""
    for wish in explanation.wishes:
        yield from ((other.node, other.estimated_us) for other in wish.others)
    for run in explanation.runs:
        for step in (step for way in run.ways for step in way.steps):
            yield step.node, step.estimated_us if step.measured_us is None else step.measured_us
        yield from ((part.node, part.measured_us) for part in run.pieces)
        if run.measured_us is not None and not run.pieces:
            yield run.node, run.measured_us


def _model_bytes(explanation: Explanation) -> tuple[int, int]:
    """Of distinct files, and of a copy of each for every application that runs it."""
    files: dict[int, Path] = {model.index: model.file for model in explanation.planned.models}
    pieces = _pieces(explanation)
    users: dict[Path, set[str]] = {}
    for node in explanation.nodes:
        file = pieces.get(node["id"]) or files.get(node["model"]) if node["op"] == "model" else None
        if file is not None:
            users.setdefault(file, set()).update(node["applications"])
    sizes = {file: file.stat().st_size for file in users}
    return sum(sizes.values()), sum(size * len(users[file]) for file, size in sizes.items())


def _pieces(explanation: Explanation) -> dict[int, Path]:
    """The files of pieces, by node."""
    files = {piece.title: piece.file for one in explanation.planned.trunks for piece in one.pieces}
    return {
        part.node: files[part.title] for run in explanation.runs for part in run.pieces if part.title in files
    }


def sentences(found: Saved) -> Iterator[str]:
    """The same in words, of what there is to say."""
    if found.asked_us > found.us:
        what = "" if found.models_counted else " (without models that only --measure knows)"
        yield f"{_time(found.us)} a frame{what}, {_time(found.asked_us)} if each pipeline did its own"
    if found.model_bytes:
        more = f", {size_said(found.asked_model_bytes)} if each application had its own"
        shared = found.asked_model_bytes > found.model_bytes
        yield f"models of {size_said(found.model_bytes)}{more if shared else ''}"
    if found.tensor_bytes:
        peak = f"{size_said(found.peak_bytes)} at once, at most, one frame at a time on one lane"
        yield f"tensors of a frame: {peak}; {size_said(found.tensor_bytes)} in all"


def _time(microseconds: float) -> str:
    from .telling import time_said

    return time_said(microseconds)


def size_said(count: int) -> str:
    """ "1.32 MB", "4.1 kB"."""
    return f"{count / 1e6:.3g} MB" if count >= 1e5 else f"{count / 1e3:.3g} kB"
