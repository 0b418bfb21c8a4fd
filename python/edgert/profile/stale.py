"""Whether a profile still holds: the same box, the same engines, the same model files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edgert.contents import sha256_of
from edgert.documents import Profile
from edgert.errors import Error

from .box import driver_version, engine_versions, this_box


def stale(profile: Profile, files: Mapping[str, Path] | None = None) -> list[str]:
    """Why this profile may not hold any more, in sentences; empty when it does.

    `files`: where the models lie, as steps call them; of those that aren't named, only the engine is
    looked at. Opens engines, and reads those files.
    """
    return [*_box(profile), *_devices(profile), *_engines(profile), *_files(profile, files or {})]


def _box(profile: Profile) -> list[str]:
    here, there = this_box(), profile.box
    if here == there.model_copy(update={"devices": []}):
        return []
    return [
        f"it was measured on {there.cpu} ({there.machine}, {there.cores} cores), and this is "
        f"{here.cpu} ({here.machine}, {here.cores} cores)"
    ]


def _devices(profile: Profile) -> list[str]:
    """GPUs that aren't here, and other drivers."""
    from edgert import _native

    measured = [one for one in profile.box.devices if one.what is not None]
    if not measured:
        return []
    here = [device["detail"] for device in _native.devices() if device["available"]]
    driver = driver_version()
    gone = [
        f"its device {one.name} was {one.what}, which isn't here" for one in measured if one.what not in here
    ]
    drivers = {one.driver for one in measured if one.what in here and one.driver not in (None, driver)}
    return [*gone, *(f"it was measured with the driver {one}, and this is {driver}" for one in drivers)]


def _engines(profile: Profile) -> list[str]:
    found = []
    for backend, version in profile.engines.items():
        try:
            here = engine_versions([backend])[backend]
        except Error as error:
            found.append(f"it was measured with {backend} {version}, which isn't here: {error}")
            continue
        if here != version:
            found.append(f"it was measured with {backend} {version}, and this is {here}")
    return found


def _files(profile: Profile, files: Mapping[str, Path]) -> list[str]:
    found = []
    for model in profile.models:
        file = files.get(model.model)
        if file is None:
            continue
        try:
            if sha256_of(file) != model.content:
                found.append(f"the model {model.model} was another file than {file}")
        except OSError as error:
            found.append(f"the model {model.model} can't be read: {error}")
    return found
