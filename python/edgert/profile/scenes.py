"""Frames to measure documents with: their own where they can be read, and what stands for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from edgert.documents.sensor import Replayed, SyntheticSource
from edgert.errors import Error

if TYPE_CHECKING:
    from edgert.planner import PlannedSensor

FRAMES = 60
"""Of a sensor, at most."""
SCENE = "street-camera"
"""Of the zoo: persons and cars, as fixed cameras see them."""
NOISE = "noise"


@dataclass(frozen=True)
class Scene:
    """Frames of a sensor's format."""

    items: Iterator[Any]
    stands_in: str = ""
    """What isn't the sensor's own; empty: its own frames."""

    @property
    def is_noise(self) -> bool:
        """Nothing is found in it, or what isn't there."""
        return self.stands_in == NOISE


def scene(name: str, sensor: PlannedSensor) -> Scene:
    """Recordings and generated pictures give their own frames. Cameras and networks aren't opened: pictures
    of the zoo's street stand for theirs, if the zoo's folder has it, and noise for all else. Raises what
    reading a recording raises."""
    from edgert import zoo
    from edgert.sources import open_source

    source = sensor.document.source
    if isinstance(source, (Replayed, SyntheticSource)):
        endless = {} if isinstance(source, SyntheticSource) else {"loop": False}
        quick = source.model_copy(update={"speed": "max", **endless})
        return Scene(islice(open_source(quick, sensor.document.base).frames(), FRAMES))
    if sensor.format["kind"] == "image" and zoo.cached(SCENE):
        try:
            pictures = _street(sensor.format)
            return Scene(_pushed(name, sensor.format, pictures), f"zoo:{SCENE}")
        except Error:
            pass  # FFmpeg isn't installed: noise will do
    return Scene(_pushed(name, sensor.format, _noise(sensor.format)), NOISE)


def _street(form: Mapping[str, Any]) -> Iterator[Any]:
    """The street's frames in another size and pixel format, as Runtime.push() takes them."""
    from edgert import zoo
    from edgert.explain.synthetic import SIZE
    from edgert.sources.media import import_av

    av = import_av("the zoo's pictures")
    width, height = int(form.get("width") or SIZE[0]), int(form.get("height") or SIZE[1])

    def read() -> Iterator[Any]:
        with av.open(str(zoo.get(SCENE))) as container:
            for frame in islice(container.decode(video=0), FRAMES):
                yield planes(frame.reformat(width, height, form["pixel"]))

    return read()


def planes(frame: Any) -> Any:
    """Of a frame of FFmpeg's, arrays as Runtime.push() takes them: a view of each plane."""
    import numpy as np

    found: list[Any] = []
    for plane in frame.planes:
        wide = frame.format.name.endswith("10le")
        bytes_each = plane.buffer_size // plane.height
        pixels = np.frombuffer(plane, np.uint8).reshape(plane.height, bytes_each)
        depth = _bytes_of(frame.format.name, len(found))
        pixels = pixels[:, : plane.width * depth]
        if wide:
            pixels = pixels.view(np.uint16)
            depth //= 2
        found.append(pixels if depth == 1 else pixels.reshape(plane.height, plane.width, depth))
    return [np.ascontiguousarray(one) for one in found]


def _bytes_of(pixel: str, plane: int) -> int:
    """Of a pixel of a plane."""
    if pixel in ("nv12", "p010le"):
        return (1 + plane) * (2 if pixel == "p010le" else 1)
    return {"rgb24": 3, "bgr24": 3, "yuyv422": 2, "yuv420p10le": 2}.get(pixel, 1)


def _noise(form: Mapping[str, Any]) -> Iterator[Any]:
    from edgert.explain import synthetic

    return cycle([synthetic.frame(form, seed) for seed in range(4)])


def _pushed(name: str, form: Mapping[str, Any], frames: Iterator[Any]) -> Iterator[Any]:
    from edgert.pushing import to_item

    for data in frames:
        yield to_item(name, form, data, -1.0, False)
