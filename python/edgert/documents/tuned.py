"""What Profile documents chose: it holds over what Model documents say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .chosen import Choice
from .device import Device
from .errors import Refused, did_you_mean
from .model import Model
from .profile import Profile

if TYPE_CHECKING:
    from .collection import DocumentSet


MOST_BATCH = 64


def lanes(profiles: Iterable[Profile]) -> int:
    """The chosen number of lanes; 0 when no profile chose."""
    return max((profile.chosen.lanes for profile in profiles if profile.chosen), default=0)


def choice(profiles: Iterable[Profile], reference: str) -> Choice | None:
    """What was chosen for the model that steps call so."""
    for profile in profiles:
        for chosen in profile.chosen.models if profile.chosen else ():
            if chosen.model == reference:
                return chosen
    return None


def tuned(model: Model, chosen: Choice) -> Model:
    """The model as it was chosen to run."""
    batch = 1 if model.state else min(chosen.batch, MOST_BATCH)
    made = model.model_copy(update={"threads": chosen.threads, "instances": chosen.instances, "batch": batch})
    made._batch_tuned = True
    return made


def tuned_device(profiles: Iterable[Profile], device: Device) -> Device:
    """The device as it was chosen to run; itself where nothing was chosen."""
    for profile in profiles:
        for chosen in profile.chosen.devices if profile.chosen else ():
            if chosen.device == device.name:
                return device.model_copy(update={"streams": chosen.streams, "in_flight": chosen.in_flight})
    return device


def refusals(profile: Profile, documents: DocumentSet) -> Iterator[Refused]:
    """What is wrong with the choice of one profile, beside the other documents."""
    if profile.chosen is None:
        return
    # What is left of a wrong document is checked, too, and isn't among them.
    first = next((other for other in documents.profiles.values() if other.chosen), profile)
    if first is not profile:
        what = f"{first.title} has chosen already how the box is run"
        yield Refused(what, "keep one of them", ("chosen",))
    for index, chosen in enumerate(profile.chosen.models):
        if documents.is_broken("Model", chosen.model):
            continue
        try:
            documents.model(chosen.model)
        except Refused as refused:
            yield Refused(refused.what, refused.remedy, ("chosen", "models", index, "model"))
    for index, one in enumerate(profile.chosen.devices):
        if one.device not in documents.devices and not documents.is_broken("Device", one.device):
            remedy = did_you_mean(one.device, documents.devices, "known are")
            what = f"there is no Device {one.device!r}"
            route = ("chosen", "devices", index, "device")
            yield Refused(what, remedy or "add its document, or remove the choice", route)
