"""Inputs to check pieces of models with: random numbers, and what the sensor gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np

from edgert.documents import Sensor
from edgert.errors import Error

from .algebra import GATHER, REGION, Built
from .model_runs import ModelRun
from .native import Array

RANDOM = 2
REAL = 3
MOST_FRAMES = 400
"""Frames that are read until windows are full."""
RECORDED = {"video", "images", "audio", "table", "synthetic"}
"""Sources that can be read beforehand, since reading takes nothing from anybody."""


def samples(
    fed: Mapping[str, tuple[ModelRun, str]],
    constants: Mapping[str, Array],
    states: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Array]]:
    """Feeds by leaf. The first ones are real: of a recording its first frames, of a live sensor frames that
    look like its; each goes the way to the model that the plan has. Inputs that are other steps' outputs,
    and all of the last ones, are random, of the declared range.
    """
    real = {leaf: _real(run, name) for leaf, (run, name) in fed.items()}
    found = []
    for number in range(REAL + RANDOM):
        feed = dict(constants)
        for leaf, (run, name) in fed.items():
            given = real[leaf]
            feed[leaf] = given[number % len(given)] if number < REAL and given else _random(run, name, number)
        for leaf, tensor in states.items():
            shape = [max(1, extent) for extent in tensor["shape"]]
            feed[leaf] = (np.random.default_rng(number).standard_normal(shape) * 0.1).astype(tensor["dtype"])
        found.append(feed)
    return found


def _random(run: ModelRun, name: str, seed: int) -> Array:
    from edgert.profile.data import fill

    spec, tensor = run.values[name].spec, run.opened.inputs[name]
    shape = [max(1, extent) for extent in spec["shape"]]
    random = np.random.default_rng(seed)
    wanted = run.opened.fed[name].what
    return fill(random, shape, np.dtype(spec["dtype"]), wanted, bool(tensor.get("quant_scale")))


def _real(run: ModelRun, name: str) -> list[Array]:
    """What the chain to an input makes of frames; nothing where it begins at another step or sensor."""
    built = run.chains[name]
    if built.value is not run.values[name] or "kind" not in built.values[0].spec:
        return []
    if built.beside["frame"] is not built.values[0]:
        return []
    with suppress(Error, OSError, ValueError):
        return list(islice(_Way(built).of(_frames(run.sensor, built)), REAL))
    return []


def _frames(sensor: Sensor, built: Built) -> Iterator[Any]:
    from edgert.explain import synthetic
    from edgert.sources import open_source

    if sensor.source.type not in RECORDED:
        yield from (synthetic.frame(built.values[0].spec, seed) for seed in range(MOST_FRAMES))
        return
    source = open_source(sensor.source, sensor.base)
    try:
        for item in islice(source.frames(), MOST_FRAMES):
            yield _planes(item) if hasattr(item, "planes") else item.array  # type: ignore[union-attr]
    finally:
        source.close()


def _planes(picture: Any) -> list[Array]:
    """[height, width] or [height, width, bytes a pixel], as an operation takes them."""
    from edgert.explain import synthetic

    format = {"pixel": picture.pixel, "width": picture.width, "height": picture.height}
    found = []
    for plane, stride, like in zip(
        picture.planes, picture.strides, synthetic.planes(format, np.random.default_rng(0)), strict=True
    ):
        height, used = like.shape[0], like.nbytes // like.shape[0]
        data = np.frombuffer(plane, np.uint8)
        last = data[stride * (height - 1) :][:used]  # which may end before its stride does
        rows = data[: stride * (height - 1)].reshape(height - 1, stride)[:, :used]
        found.append(np.concatenate([rows, last[None]]).view(like.dtype).reshape(like.shape))
    return found


class _Way:
    """A chain, run by itself."""

    def __init__(self, built: Built) -> None:
        self.built = built
        self.operations = [self._operation(index) for index in range(len(built.chain.links))]

    def _operation(self, index: int) -> Any:
        from edgert._native import Operation

        move = self.built.chain.links[index].move
        if move.op in (REGION, GATHER):
            return None
        specs = [self.built.values[index].spec, *(self.built.beside[name].spec for name in move.beside)]
        return Operation(move.op, dict(move.params), specs)

    def of(self, frames: Iterator[Any]) -> Iterator[Array]:
        """The inputs that they become."""
        for frame in frames:
            yield from self._go(frame)

    def _go(self, frame: Any) -> Iterator[Array]:
        from edgert.explain import synthetic

        data = frame
        for link, operation in zip(self.built.chain.links, self.operations, strict=True):
            if operation is None:
                if link.move.op == GATHER or not len(data):
                    return
                data = np.ascontiguousarray(data[-1])
                continue
            beside = [
                frame if name == "frame" else synthetic.region(self.built.beside["frame"].spec)
                for name in link.move.beside
            ]
            data = operation.run([data, *beside])[0]
        yield np.array(data)
