"""From what a step reads to the input tensors of its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edgert.documents import AudioInput, FeaturesInput, ImageInput, Input, Model, Refused, Sensor, TableInput
from edgert.documents.base import Route

from . import images, signals
from .algebra import Built
from .models import Opened
from .native import Builder, Value, blamed_on, frame_described
from .tables import check_table, is_of_zoo

WANTS = {"image": "pictures", "audio": "sound", "table": "rows of a table"}
SENSORS = {"image": "camera, video or images", "audio": "microphone or audio", "table": "table"}


@dataclass(frozen=True)
class Feed:
    """What a model step reads."""

    sensor: Sensor
    frame: Value
    region: Value | None
    tensors: Mapping[str, Value]
    """Of other steps, by the model's input."""
    joined: Mapping[str, Feed] = field(default_factory=dict)
    """Of inputs that are made from another sensor's frames: what they read."""


def feed(
    builder: Builder, opened: Opened, all_given: Feed
) -> tuple[dict[str, Built], images.Geometry | None]:
    """The chain to each input, and how the frame lies in the first picture. Raises Refused."""
    chains: dict[str, Built] = {}
    geometry: images.Geometry | None = None
    for name, wanted in opened.fed.items():
        given = all_given.joined.get(name, all_given)
        _check_ends(opened.document, name, wanted, given)
        if wanted.table is not None and not _unlike(wanted, given):
            check_table(opened.document, wanted.table, opened.inputs[name], given.sensor, given.frame.spec)
        route: Route = ("input",) if opened.document.input else ("inputs", name)
        try:
            with blamed_on(None, (), "can't be made from " + frame_described(given.frame.spec)):
                chains[name], placed = _chain(builder, wanted, opened.inputs[name], name, given)
        except Refused as refused:
            if _unlike(wanted, given) and not getattr(refused, "began", False):
                raise _wrong_sensor(opened.document, wanted, given) from refused
            raise _placed(refused, opened.document, route) from None
        geometry = geometry or (placed if given is all_given else None)
    return chains, geometry


def _placed(refused: Refused, model: Model, route: Route) -> Refused:
    """At the model's input; a zoo model's document isn't at fault, but the step that names it."""
    if is_of_zoo(model):
        refused.what = f"the model zoo:{model.name}: {refused.what}"
        refused.route = ("model",)
    else:
        refused.document = model
        refused.route = (*route, *refused.route)
    return refused


def _chain(
    builder: Builder, wanted: Input, tensor: Mapping[str, Any], name: str, given: Feed
) -> tuple[Built, images.Geometry | None]:
    match wanted.what:
        case ImageInput() as image:
            return images.picture(builder, image, tensor, given.frame, given.region)
        case AudioInput() as audio:
            return signals.sound(builder, audio, tensor, given.frame), None
        case TableInput() as table:
            return signals.rows(builder, table, tensor, given.frame), None
        case FeaturesInput() as features:
            return signals.features(builder, features, tensor, given.tensors[name], given.frame), None


def _check_ends(model: Model, name: str, wanted: Input, given: Feed) -> None:
    """Refuses what no transform can do. The route is the step's."""
    kind = next(iter(wanted.model_fields_set))
    if kind == "features":
        if name not in given.tensors:
            what = f"the model {model.name} takes another step's output as {name!r}, and the step names none"
            remedy = "say from: STEP or STEP.TENSOR, or features_from: MODEL/OUTPUT in the Model document"
            raise Refused(what, remedy, ("model",))
        return
    if name in given.tensors:
        what = f"the model {model.name} makes its input {name!r} from the sensor's frames"
        raise Refused(what, "leave from out, or give the Model document a features input", ("from",))
    if given.region is not None and kind != "image":
        raise Refused(
            f"the model {model.name} reads no picture, so it has no regions",
            "leave for_each out",
            ("for_each",),
        )


def _unlike(wanted: Input, given: Feed) -> bool:
    """Whether the sensor's frames are of another kind than the input; a conversion may bridge that."""
    kind = next(iter(wanted.model_fields_set))
    return kind != "features" and given.frame.spec.get("kind") != kind


def _wrong_sensor(model: Model, wanted: Input, given: Feed) -> Refused:
    kind = next(iter(wanted.model_fields_set))
    what = (
        f"the model {model.name} wants {WANTS[kind]}, and the sensor {given.sensor.name} gives "
        f"{frame_described(given.frame.spec)}; no transform makes one of the other"
    )
    return Refused(what, f"give the pipeline a sensor of type {SENSORS[kind]}, or another model", ("model",))
