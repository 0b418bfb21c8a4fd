"""What transforms take: as a Profile measured them, else measured here, or as their operations state. What
runs behind models: as a Profile measured it, else nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from edgert.documents import Profile
from edgert.explain import Explanation, measure
from edgert.explain.ways import Step, Way
from edgert.planner.algebra import GATHER, REGION
from edgert.profile.answers import answer_nodes
from edgert.profile.transforms import key_of

from .assumptions import Costs

MICRO = 1e-3  # ms of a microsecond
MILLI = 1e3  # ms of a second


def costs(
    explanation: Explanation, windows: Mapping[int, float], kind: Costs, profiles: Sequence[Profile]
) -> tuple[dict[int, float], list[str]]:
    """Milliseconds a frame, by node, of transforms, and what one should know of them. The newest of
    `profiles` comes first. What comes after models depends on what these find, so it isn't measured here."""
    known = _known(profiles) if kind == "measured" else {}
    steps = list(_steps(explanation))
    lacking = [step.op for _, step, _, key in steps if key not in known and step.op not in (REGION, GATHER)]
    if kind == "measured" and lacking:
        measure(explanation, models=False)
    found: dict[int, float] = {}
    for way, step, per_window, key in steps:
        taken = known[key] if key in known else _here(step) * MICRO
        found[step.node] = taken * (_windows_of(way, windows) if per_window else 1.0)
    if kind != "measured":
        return found, []
    behind = answer_nodes(explanation)
    found.update({node["id"]: known[node["work"]] for node in behind if node["work"] in known})
    free = [node["op"] for node in behind if node["work"] not in known]
    return found, [*(_notes(lacking, len(steps)) if known else []), *_free(free)]


def _known(profiles: Sequence[Profile]) -> dict[str, float]:
    """Medians in ms, by key."""
    return {one.key: one.p50 * MILLI for profile in reversed(profiles) for one in profile.transforms}


def _steps(explanation: Explanation) -> Iterator[tuple[Way, Step, bool, str]]:
    for run in explanation.runs:
        for way in run.ways:
            for index, (step, link) in enumerate(zip(way.steps, way.built.chain.links, strict=True)):
                yield way, step, link.move.per_window, key_of(way, index)


def _here(step: Step) -> float:
    return step.estimated_us if step.measured_us is None else step.measured_us


def _notes(lacking: Sequence[str], count: int) -> list[str]:
    if not lacking:
        return []
    named = ", ".join(dict.fromkeys(lacking))
    return [f"{len(lacking)} of {count} transforms ({named}) are in no profile: as measured on this machine"]


def _free(ops: Sequence[str]) -> list[str]:
    if not ops:
        return []
    named = ", ".join(dict.fromkeys(ops))
    what = f"{len(ops)} steps behind models ({named}) are in no profile, and take nothing"
    return [f"{what}: measure them with edgert profile DOCUMENTS on that box"]


def _windows_of(way: Way, windows: Mapping[int, float]) -> float:
    """A stream's costs are a window's: so many come a frame."""
    return next((windows[step.node] for step in way.steps if step.node in windows), 1.0)
