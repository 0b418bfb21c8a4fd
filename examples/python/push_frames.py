"""Pushes NumPy pictures of the program's own into a pipeline, without a copy, and reads what was found.

python examples/python/push_frames.py [PICTURES]
"""

from __future__ import annotations

import sys

import edgert
import numpy as np
from edgert import zoo
from edgert.documents import DocumentSet, ImageFormat, Inbox, ModelStep, Pipeline, PushSource, Sensor
from edgert.sources.synthetic import read_rgb

SIZE = 256


def documents() -> DocumentSet:
    """One push sensor, and a face detector on it."""
    form = ImageFormat(pixel="rgb24", width=SIZE, height=SIZE)
    return DocumentSet(
        # block: push() waits while four pictures are being worked on, so none is lost
        Sensor(name="mine", source=PushSource(format=form), inbox=Inbox(policy="block")),
        Pipeline(
            name="faces", sensor="mine", steps=[ModelStep(name="faces", model="zoo:face-detection-short")]
        ),
    )


def main(count: int) -> None:
    portrait = read_rgb(zoo.get("astronaut"), "astronaut")  # uint8 [512, 512, 3]
    with edgert.Runtime(documents()) as runtime:
        results = runtime.results("faces")
        for index in range(count):
            x = index * (portrait.shape[1] - SIZE) // max(1, count - 1)
            window = portrait[:SIZE, x : x + SIZE]  # a view; it must not be changed once pushed
            runtime.push("mine", window, media_time=index / 10)
            result = next(results)
            found = [
                f"{face.score:.2f} at {np.round(face.box).astype(int)}" for face in result.answers["faces"]
            ]
            print(f"picture {index}, from x {x}: {', '.join(found) or 'no face'}")
        runtime.finish("mine")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
