"""Where each model is measured: on the processor, or on a Device document's streams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edgert.documents import Device, DocumentSet
from edgert.documents.device import PROCESSOR
from edgert.documents.errors import did_you_mean
from edgert.documents.placing import devices_of, measured
from edgert.documents.profile import ModelProfile
from edgert.errors import InvalidError, make

from .subjects import Subject


@dataclass(frozen=True)
class Placed:
    """A model on a device. `times`: what a simulated one takes."""

    subject: Subject
    device: Device
    times: ModelProfile | None = None

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.subject.title} on {self.device.name}"


def place(
    subjects: Iterable[Subject], documents: DocumentSet, on: Sequence[str] = ()
) -> tuple[list[Subject], list[Placed]]:
    """Those that are measured on the processor, and those on devices: as their documents say, or all of them
    on each of `on` (names of Device documents, and cpu).

    Raises InvalidError for a device that isn't there, and for a simulated one whose profile lacks a model.
    """
    here: list[Subject] = []
    there: list[Placed] = []
    for subject in subjects:
        for name in on or devices_of(subject.document):
            if name == PROCESSOR and name not in documents.devices:
                here.append(subject)
            else:
                there.append(placed(subject, device_named(name, documents), documents))
    return here, there


def device_named(name: str, documents: DocumentSet) -> Device:
    """Raises InvalidError that names those that are there."""
    if (found := documents.device(name)) is not None:
        return found
    known = [*documents.devices, PROCESSOR]
    hint = did_you_mean(name, known, "known are") or f"known are: {', '.join(known)}"
    hint += "; a file with a Device document can be given, too"
    raise make(InvalidError, f"device {name!r}", "there is no such Device document", hint)


def placed(subject: Subject, device: Device, documents: DocumentSet) -> Placed:
    """Raises InvalidError where a simulated device doesn't know the model."""
    if device.type != "sim":
        return Placed(subject, device)
    times = measured(subject.reference, device, documents) if device.profile in documents.profiles else None
    if times is None:
        lacks = f"has no run times of {subject.reference}"
        what = f"its profile {device.profile!r} " + (
            lacks if device.profile in documents.profiles else "isn't there"
        )
        hint = (
            "a simulated device takes only what its profile says; measure the model on a device that computes"
        )
        raise make(InvalidError, f"device {device.name!r}", what, hint)
    return Placed(subject, device, times)
