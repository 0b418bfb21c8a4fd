"""Whose results the request cache keeps, and why some are not kept (docs/request-cache.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..planner.algebra.cost import size

if TYPE_CHECKING:
    from ..documents import DocumentSet
    from ..planner import Planned

MOST_PIPELINES = 64
"""That are told apart where they share a node: kMostOwners of csrc/edgert/sched/work.h."""
OVERHEAD = 512
"""Bytes that a content is charged beside its own: kOverhead of csrc/edgert/cache/result_store.h."""


def kept(documents: DocumentSet, planned: Planned) -> Iterator[str]:
    """A sentence for each sensor with `cache: true` and each who reads it: who finds what."""
    for sensor in _sensors(planned):
        sharing = {name: _share(documents, planned, name, sensor) for name in _applications(planned, sensor)}
        if _too_little(documents, planned, sensor) or set(sharing.values()) <= {"off"}:
            continue
        own, others, off = (
            [name for name in sharing if sharing[name] == way] for way in ("own", "others", "off")
        )
        found = [f"{_and(own)} {_verb(own, 'finds its own', 'find their own')}"] if own else []
        if others:
            each = "each other's, too" if len(others) > 1 else "what all that say `others` computed"
            found.append(f"{_and(others)} {_verb(others, 'finds', 'find')} {each}")
        found += [f"{_and(off)} {_verb(off, 'finds', 'find')} none"] if off else []
        limit = f"{documents.scheduler.cache / 1e6:.3g} MB at most"
        yield f"{sensor} keeps results for equal frames ({limit}): {'; '.join(found)}"


def unkept(documents: DocumentSet, planned: Planned) -> Iterator[str]:
    """What is not kept though the sensor says so, and which key would change it."""
    for sensor in _sensors(planned):
        names = _applications(planned, sensor)
        off = [name for name in names if _share(documents, planned, name, sensor) == "off"]
        if little := _too_little(documents, planned, sensor):
            yield f"Sensor/{sensor}: cache: true, but nothing is kept: {little}"
        elif len(off) == len(names):
            yield f"Sensor/{sensor}: cache: true, but nothing is kept: {_told_off(documents, off)}"
        else:
            yield from _stopped(documents, planned, sensor, off)
            yield from _of_more_than_the_frame(planned, sensor)


def _too_little(documents: DocumentSet, planned: Planned, sensor: str) -> str:
    """Why not one picture has room; empty: it has."""
    scheduler, form = documents.scheduler, planned.sensors[sensor].format
    if not scheduler.cache:
        return f"Scheduler/{scheduler.name} says cache: 0"
    whole = form["kind"] == "image" and form.get("width") and form.get("height")
    needed = int(size(form)) + OVERHEAD if whole else 0
    if needed <= scheduler.cache:
        return ""
    return f"a frame takes {needed:,} bytes, and Scheduler/{scheduler.name} says cache: {scheduler.cache:,}"


def _stopped(documents: DocumentSet, planned: Planned, sensor: str, off: Sequence[str]) -> Iterator[str]:
    """Models that several applications run as one, which one of them keeps from being kept for the others."""
    for name in off:
        shared = [node for node in _models(planned, sensor) if name in node["applications"]]
        with_it = sorted({other for node in shared for other in node["applications"]} - set(off))
        if with_it:
            yield (
                f"Sensor/{sensor}: what {_and(with_it)} {_verb(with_it, 'shares', 'share')} with {name}"
                f" is not kept while {name} wants it, too: {_told_off(documents, [name])}; share: private"
                f" would have it computed for {name} alone, and kept for the others"
            )
    for node in _models(planned, sensor):
        told = [_share(documents, planned, name, sensor) for name in node["applications"]]
        if len(node["pipelines"]) > MOST_PIPELINES and len(told) > 1 and "own" in told and "off" not in told:
            yield (
                f"Sensor/{sensor}: {node['name']} is not kept while several applications want it: more than"
                f" {MOST_PIPELINES} pipelines share it; cache: {{share: others}} in all of their Applications"
                " would have it kept"
            )


def _of_more_than_the_frame(planned: Planned, sensor: str) -> Iterator[str]:
    """Models whose answers don't follow from one frame's content."""
    nodes = planned.spec.describe()["nodes"]
    reused = {node["recalls"] for node in nodes if node["op"] == "recall"}
    for model in _models(planned, sensor):
        seen: set[int] = set()
        reads = [model["id"]]
        while reads:
            node = nodes[reads.pop()]
            why = _why_not(node, node["id"] in reused)
            if why:
                wanted = _and(model["pipelines"])
                yield f"Sensor/{sensor}: {model['name']} of {wanted} is not kept for equal frames: {why}"
                break
            reads += [index for index, _ in node["inputs"] if index not in seen]
            seen.update(reads)


def _why_not(node: Mapping[str, Any], reused: bool) -> str:
    if node["op"] == "join":
        return "another sensor is joined to the frame"
    if node["stateful"]:
        return f"{node['op']} keeps a state from frame to frame"
    return "it may be an earlier frame's, by max_age or while" if reused else ""


def _sensors(planned: Planned) -> list[str]:
    read = {pipeline.sensor for pipeline in planned.pipelines.values()}
    return [name for name, sensor in planned.sensors.items() if sensor.document.cache and name in read]


def _applications(planned: Planned, sensor: str) -> list[str]:
    asking = (pipeline for pipeline in planned.pipelines.values() if pipeline.sensor == sensor)
    return sorted({pipeline.application for pipeline in asking})


def _share(documents: DocumentSet, planned: Planned, name: str, sensor: str) -> str:
    """own, others or off; off where all of its pipelines there are private."""
    application = documents.applications.get(name)
    asking = [p for p in planned.pipelines.values() if p.sensor == sensor and p.application == name]
    if application is None:
        return "off" if all(p.document.share == "private" for p in asking) else "own"
    private = application.share == "private" or all(p.document.share == "private" for p in asking)
    return "off" if private else application.cache.share


def _models(planned: Planned, sensor: str) -> Iterator[dict[str, Any]]:
    there = {pipeline.title for pipeline in planned.pipelines.values() if pipeline.sensor == sensor}
    for node in planned.spec.describe()["nodes"]:
        if node["op"] == "model" and there & set(node["pipelines"]) and not node["private_to"]:
            yield node


def _told_off(documents: DocumentSet, names: Sequence[str]) -> str:
    """ "Application/a says cache: {share: off}"."""
    said = []
    for name in names:
        application = documents.applications.get(name)
        if application is not None and application.share != "private" and application.cache.share == "off":
            said.append(f"Application/{name} says cache: {{share: off}}")
        else:
            said.append(f"{name}'s pipelines are private")
    return _and(said)


def _and(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]


def _verb(names: Sequence[str], one: str, several: str) -> str:
    return one if len(names) == 1 else several
