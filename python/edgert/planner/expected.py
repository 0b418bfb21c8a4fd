"""What profiles say of run times, told to the plan: until runs are measured, the scheduler goes by it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from edgert.documents import Profile
from edgert.documents.device import PROCESSOR
from edgert.documents.placing import devices_of

from .models import Opened
from .native import Builder

LOG = logging.getLogger("edgert.planner")
LANES = "cpu:0"  # as profiles call them


def tell_run_times(builder: Builder, profiles: Iterable[Profile], models: Mapping[str, Opened]) -> None:
    """`models` by what steps call them. A profile of another box, engine or model file tells nothing, and the
    log says so."""
    fresh = [one for profile in profiles if (one := _fresh(profile, models)) is not None]
    if not fresh:
        return
    from edgert.profile.times import run_times

    by_device = {name: run_times(fresh, name) for profile in fresh for name in _devices(profile)}
    for reference, opened in models.items():
        first = devices_of(opened.document)[0]
        times = by_device.get(LANES if first == PROCESSOR else first, {}).get(reference)
        if times is not None:
            builder.expect(opened.index, times(opened.document.threads) * 1e3)


def _devices(profile: Profile) -> set[str]:
    return {model.device for model in profile.models}


def _fresh(profile: Profile, models: Mapping[str, Opened]) -> Profile | None:
    """The profile with those of its models that are used here and still what was measured."""
    from edgert.profile.stale import stale

    used = [model for model in profile.models if model.model in models]
    if not used:
        return None
    if reasons := stale(profile):
        LOG.warning("%s says nothing of run times here: %s", profile.title, "; ".join(reasons))
        return None
    kept = [
        model
        for model in used
        if not _changed(profile.model_copy(update={"models": [model]}), models[model.model].file)
    ]
    return profile.model_copy(update={"models": kept}) if kept else None


def _changed(profile: Profile, file: Path) -> bool:
    """Whether the model of a profile of one model is another file now."""
    from edgert.profile.stale import stale

    reasons = stale(profile, {profile.models[0].model: file})
    if reasons:
        LOG.warning("%s: %s", profile.title, "; ".join(reasons))
    return bool(reasons)
