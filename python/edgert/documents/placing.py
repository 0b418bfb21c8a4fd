"""What is wrong between devices, the models that are placed on them, and their profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .application import Application
from .base import Route
from .device import PROCESSOR, Device
from .errors import Refused, did_you_mean
from .model import Model

if TYPE_CHECKING:
    from .collection import DocumentSet
    from .profile import ModelProfile


def devices_of(model: Model | None) -> tuple[str, ...]:
    """The names of the devices that a document places its model on; without a document: the processor."""
    return model.devices if model else (PROCESSOR,)


def of_device(device: Device, documents: DocumentSet) -> Iterator[Refused]:
    """Its profile, if it names one, is one of the documents."""
    if (
        device.profile is None
        or device.profile in documents.profiles
        or documents.is_broken("Profile", device.profile)
    ):
        return
    what = f"there is no Profile {device.profile!r}"
    remedy = did_you_mean(device.profile, documents.profiles, "known are")
    yield Refused(what, remedy or "add what edgert profile writes to the documents", ("profile",))


def of_shares(application: Application, documents: DocumentSet) -> Iterator[Refused]:
    """The devices of which it may use a part are the processor, and those of documents."""
    for name in application.share if isinstance(application.share, dict) else ():
        if name == PROCESSOR or name in documents.devices or documents.is_broken("Device", name):
            continue
        known = [PROCESSOR, *documents.devices]
        yield Refused(f"there is no Device {name!r}", did_you_mean(name, known, "known are"), ("share", name))


def of_model(model: Model, documents: DocumentSet) -> Iterator[Refused]:
    """Its devices are among the documents, and know how long it runs."""
    for index, name in enumerate(model.devices):
        if name != PROCESSOR and not documents.is_broken("Device", name):
            route: Route = ("device", index) if len(model.devices) > 1 else ("device",)
            yield from _of_device(model, name, documents, route)


def _of_device(model: Model, name: str, documents: DocumentSet, route: Route) -> Iterator[Refused]:
    if (device := documents.devices.get(name)) is None:
        what = f"there is no Device {name!r}"
        remedy = did_you_mean(name, [*documents.devices, PROCESSOR], "known are")
        without = f"leave device out for the processor ({PROCESSOR}), or add a document of kind Device"
        yield Refused(what, remedy if documents.devices else without, route)
    elif (
        device.profile is not None
        and device.profile in documents.profiles
        and measured(model.name, device, documents) is None
    ):
        what = f"the profile {device.profile!r} of device {device.name!r} has no run times of this model"
        measure = "measure it where the device is, edgert profile DOCUMENTS, or leave the device out"
        yield Refused(what, measure, route)


def measured(model: str, device: Device, documents: DocumentSet) -> ModelProfile | None:
    """What a device's profile says of a model, as steps call it: of the device itself, or of any. A device
    that names none: what the newest Profile says that was measured on a device of its name."""
    if device.profile is None:
        newest = sorted(documents.profiles.values(), key=lambda profile: profile.date, reverse=True)
        every = [one for profile in newest for one in profile.models]
        return next((one for one in every if (one.model, one.device) == (model, device.name)), None)
    profile = documents.profiles[device.profile]
    found = [one for one in profile.models if one.model == model]
    return next((one for one in found if one.device == device.name), found[0] if found else None)
