"""What models' runs take, out of Profile documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from edgert.documents import DocumentSet, Profile
from edgert.documents.device import PROCESSOR
from edgert.documents.errors import problem_at
from edgert.documents.placing import measured
from edgert.documents.profile import SHARES, Among, ModelProfile, Spread
from edgert.errors import InvalidError, make
from edgert.planner import Planned, PlannedModel
from edgert.planner.devices import run_times
from edgert.profile import stale, this_box
from edgert.profile.sources import source_key

from .pieces import Timed, alone, timed

CPU = "cpu:0"
MILLI = 1e3  # ms of a second
USUAL = 0.95
"""Of the runs; what takes longer was disturbed."""


def newest_first(profiles: Iterable[Profile]) -> list[Profile]:
    """Where several profiles have a model, the newest one counts."""
    return sorted(profiles, key=lambda profile: profile.date, reverse=True)


def as_of_here(documents: DocumentSet) -> DocumentSet:
    """The documents with profiles that pass for this box's: else what was measured on another box would tell
    the simulated scheduler nothing."""
    made = DocumentSet(*documents.documents())
    made.problems = [*documents.problems, *made.problems]
    made.broken, made.rests = documents.broken, documents.rests
    here = {"box": this_box(), "engines": {}}
    made.profiles = {name: one.model_copy(update=here) for name, one in documents.profiles.items()}
    return made


def stale_notes(documents: DocumentSet, planned: Planned) -> Iterator[str]:
    """In which profiles something else was measured than what is here."""
    files = {model.reference: model.file for model in planned.models}
    for profile in documents.profiles.values():
        for reason in stale(profile, files):
            text = f"stale here: {reason}"
            yield str(problem_at(profile, (), text, "right for that box; for this one, measure again"))


def model_times(documents: DocumentSet, planned: Planned) -> dict[int, dict[str, Any]]:
    """By index in the plan, as `_native.Simulation` takes them. Models on Device documents have theirs in the
    plan.

    Raises InvalidError that names every model of which no profile has run times.
    """
    profiles = newest_first(documents.profiles.values())
    on_lanes = {
        index: one for index, one in timed(planned).items() if not _on_device(one.models[0], documents)
    }
    found = {index: _of(one.models, profiles) for index, one in on_lanes.items()}
    missing = [
        _on_processor(on_lanes[index].models[0], documents) for index, one in found.items() if one is None
    ]
    missing += [
        f"{one.models[0].reference} on device {name!r}"
        for one in timed(planned).values()
        for name in _unmeasured(one.models[0], documents)
    ]
    if missing:
        raise _missing(list(dict.fromkeys(missing)), bool(profiles))
    others = {index: documents.model(one.models[0].reference).name for index, one in on_lanes.items()}
    by_name = alone(profiles)
    return {
        index: _part_of(
            run_times(one, documents.model(one.model).threads, _named_as(others, on_lanes, one)),
            on_lanes[index].share(one, by_name),
        )
        for index, one in found.items()
        if one is not None
    }


def among_times(documents: DocumentSet, planned: Planned) -> tuple[dict[str, Any], list[str]]:
    """What `_native.Simulation` takes as `among`, and the models of which no profile says what they take
    among other work, with their number of threads: those are drawn from what they take alone."""
    profiles = newest_first(documents.profiles.values())
    models: dict[int, dict[int, list[float]]] = {}
    again: dict[int, dict[int, list[float]]] = {}
    lacking = []
    by_name = alone(profiles)
    for index, each in timed(planned).items():
        profile = _with_among(each.models, profiles, documents)
        if profile is None or _on_device(each.models[0], documents):
            continue
        among = _among_of(profile, documents)
        part = each.share(profile, by_name)
        if among:
            models[index] = {one.lanes: _ms(one, part) for one in among}
            again[index] = {one.lanes: _ms(one.again, part) for one in among if one.again is not None}
        elif profile.model not in lacking:
            lacking.append(profile.model)
    found: dict[str, Any] = {
        "models": models,
        "again": again,
        "cores": profiles[0].box.cores if profiles else 0,
    }
    wake = next((one.wake for one in profiles if one.wake is not None), None)
    spells = next((one.spells for one in profiles if one.spells is not None), None)
    if wake:
        found["wake"] = _ms(wake)
    if spells:
        lasting = float(spells.lasting) * MILLI
        found["spells"] = (spells.share, spells.lanes, spells.same, spells.others, lasting)
    return found, lacking


def source_times(documents: DocumentSet, planned: Planned) -> dict[str, dict[str, float]]:
    """What a frame costs its source, by sensor, as `_native.Simulation` takes it with arrivals: the medians
    of decode_ms and work_ms (of a core), as far as profiles have them."""
    profiles = newest_first(documents.profiles.values())
    known = {one.key: one for profile in reversed(profiles) for one in profile.sources}
    found = {}
    for name, sensor in planned.sensors.items():
        if one := known.get(source_key(sensor.document)):
            found[name] = {"decode_ms": one.decode.p50 * MILLI, "work_ms": one.work.p50 * MILLI}
    push = next((one.push for one in profiles if one.push is not None), None)
    names = [name for name, one in planned.sensors.items() if one.document.source.type == "push"]
    return {**found, **({name: {"work_ms": push.p50 * MILLI} for name in names} if push else {})}


def warm_notes(lacking: list[str]) -> Iterator[str]:
    """What whoever reads a simulation of older profiles should know."""
    if lacking:
        yield (
            f"run times of {', '.join(lacking)} are warm ones, of a model that runs alone again and again; "
            "real runs take longer: measure again with edgert profile"
        )


def _ms(spread: Spread, part: float = 1.0) -> list[float]:
    """Of a piece that takes `part` of a model's runs. What is usual is divided among the pieces; a core that
    was lost meanwhile is lost to one of them, for as long: so each is hit more seldom, and no more softly."""
    times = [float(time) * MILLI for time in spread.quantiles]
    usual = times[SHARES.index(USUAL)]
    hits = (1 - (1 - share) / part for share in SHARES)  # of the whole model's, where it is hit as hard
    lost = (max(0.0, float(np.interp(hit, SHARES, times)) - usual) for hit in hits)
    return [min(time, usual) * part + more for time, more in zip(times, lost, strict=True)]


def _part_of(times: dict[str, Any], part: float) -> dict[str, Any]:
    """Run times of a piece: `part` of the whole model's."""
    points = [
        (instances, threads, batch, p50 * part, p90 * part, p99 * part, spread)
        for instances, threads, batch, p50, p90, p99, spread in times["points"]
    ]
    return {**times, "points": points}


def _on_device(model: PlannedModel, documents: DocumentSet) -> bool:
    """Whether the processor never runs it."""
    return PROCESSOR not in documents.model(model.reference).devices


def _on_processor(model: PlannedModel, documents: DocumentSet) -> str:
    """Its name, and where, if that isn't the only place."""
    several = len(documents.model(model.reference).devices) > 1
    return f"{model.reference} on the processor ({PROCESSOR})" if several else model.reference


def _unmeasured(model: PlannedModel, documents: DocumentSet) -> list[str]:
    """Devices that it may run on, and where nothing was measured of it."""
    document = documents.model(model.reference)
    devices = [device for name in document.devices if (device := documents.device(name)) is not None]
    return [device.name for device in devices if measured(document.name, device, documents) is None]


def _all_of(models: list[PlannedModel], profiles: list[Profile]) -> list[ModelProfile]:
    names = {model.reference for model in models}
    every = (one for profile in profiles for one in profile.models)
    return [one for one in every if one.model in names and one.device == CPU]


def _of(models: list[PlannedModel], profiles: list[Profile]) -> ModelProfile | None:
    return next(iter(_all_of(models, profiles)), None)


def _among_of(profile: ModelProfile, documents: DocumentSet) -> list[Among]:
    """Of as many threads as the model has."""
    threads = documents.model(profile.model).threads
    return [one for one in profile.among if one.threads == threads]


def _with_among(
    models: list[PlannedModel], profiles: list[Profile], documents: DocumentSet
) -> ModelProfile | None:
    """The newest that was measured among other work, which `edgert tune` doesn't; else the newest."""
    every = _all_of(models, profiles)
    return next((one for one in every if _among_of(one, documents)), next(iter(every), None))


def _named_as(others: dict[int, str], by_index: dict[int, Timed], one: ModelProfile) -> dict[int, str]:
    """The other models, under the names by which this profile may have measured them."""
    beside = {together.beside for together in one.together}
    renamed = {}
    for index, name in others.items():
        names = [model.reference for model in by_index[index].models if model.reference in beside]
        renamed[index] = names[0] if names else name
    return renamed


def _missing(names: list[str], others: bool) -> InvalidError:
    none = "none of the Profiles" if others else "no Profile is given that"
    what = f"{none} has run times of {', '.join(names)}"
    hint = (
        "measure them on that box: edgert profile DOCUMENTS -o profile.yaml, and give --profile profile.yaml"
    )
    return make(InvalidError, "models", what, hint)
