"""What recordings cost: reading and decoding a frame of the sensors that documents name."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from edgert.documents.profile import SourceProfile, Spread
from edgert.documents.sensor import Replayed

from .among import spread

if TYPE_CHECKING:
    from edgert.documents import DocumentSet, Sensor

FRAMES = 200
LONGEST = 2.0  # s of a sensor
LEAST = 3  # frames; of fewer nothing is said
MILLI = 1e-3


def measure_sources(documents: DocumentSet) -> list[SourceProfile]:
    """Of each sensor that replays files, as fast as it can be read: from beginning with a frame until it is
    there, and the processor time (of all of a decoder's threads) that it took. Cameras, microphones and
    networks aren't opened. Raises what reading raises."""
    every = [_of(sensor) for sensor in documents.sensors.values() if isinstance(sensor.source, Replayed)]
    return [one for one in every if one is not None]


def source_key(sensor: Sensor) -> str:
    """Stands for what is read, however fast and often."""
    said = sensor.source.model_dump(mode="json", exclude={"speed", "loop"})
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _of(sensor: Sensor) -> SourceProfile | None:
    from edgert.sources import open_source

    source = sensor.source.model_copy(update={"speed": "max", "loop": False})
    frames = iter(open_source(source, sensor.base).frames())
    decode: list[float] = []
    work: list[float] = []
    began = time.perf_counter()
    while len(decode) < FRAMES and time.perf_counter() - began < LONGEST:
        spent = time.process_time()
        frame: Any = next(frames, None)
        if frame is None:
            break
        decode.append(frame.decode_ms * MILLI)
        work.append(time.process_time() - spent)
    if len(decode) < LEAST:
        return None
    return SourceProfile(
        sensor=sensor.name,
        key=source_key(sensor),
        decode=Spread(**spread(np.array(decode))),
        work=Spread(**spread(np.array(work))),
    )
