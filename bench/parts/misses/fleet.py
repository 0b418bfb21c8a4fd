"""The ten models of bench/misses.py: those of the zoo, or ones that only sleep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from typing import ClassVar

import numpy as np
from edgert import Runtime

LANES = 2
IN_PIECES = " in pieces"  # ends the name of a side whose models are cut
QUEUED = "queue, size: 1024, in_flight: 64"  # what waits, waits in the scheduler
SENSOR = """---
kind: Sensor
name: {name}
source: {{type: push, format: {format}}}
inbox: {{policy: {inbox}}}
"""
PIPELINE = """---
kind: Pipeline
name: {name}
sensor: {sensor}
when_full: drop_oldest
{bound}steps: [{{name: {name}, model: "{model}"}}]
"""


def picture(side: int) -> str:
    """The format of square pictures."""
    return f"{{kind: image, pixel: rgb24, width: {side}, height: {side}}}"


class Fleet(ABC):
    """Models, and frames for them. Each has a sensor of its own, with frames of its input's size."""

    names: tuple[str, ...]

    @abstractmethod
    def texts(self, folder: Path, name: str) -> tuple[str, str]:
        """A sensor's format, and what a step calls the model."""

    @abstractmethod
    def frame(self, name: str) -> np.ndarray:
        """For Runtime.push()."""

    @abstractmethod
    def pushes(self, runtime: Runtime) -> list[Callable[[float], object]]:
        """By model: pushes a frame that was due at a moment of the monotonic clock (below 0: now). To the
        core's ports, which take that moment: bounds count from there, not from when this program got round
        to it."""

    @abstractmethod
    def in_pieces(self, longest_ms: float) -> Fleet:
        """The same, cut into pieces of so long at most."""

    def box(self, folder: Path, bounds_ms: Mapping[str, float]) -> Path:
        """A document with a pipeline a model."""
        text = ""
        for name in self.names:
            form, model = self.texts(folder, name)
            bound = f"latency: {bounds_ms[name]:.4f}ms\non_miss: drop\n" if name in bounds_ms else ""
            text += SENSOR.format(name=name, format=form, inbox=QUEUED)
            text += PIPELINE.format(name=name, sensor=name, bound=bound, model=model)
        file = folder / "box.yaml"
        file.write_text(text, encoding="utf-8")
        return file


class Zoo(Fleet):
    """Pictures of zeros: engines take as long for them as for others."""

    sides: ClassVar[dict[str, int]] = {
        "face-detection-short": 128,
        "face-mesh": 192,
        "face-detection-full": 192,
        "selfie-segmentation": 256,
        "hand-landmarks": 224,
        "light-shufflenet": 224,
        "efficientnet-lite0-qdq-int8": 224,
        "palm-detection": 192,
        "efficientnet-lite0": 224,
        "pose-detection": 224,
    }
    names = tuple(sides)

    def texts(self, folder: Path, name: str) -> tuple[str, str]:
        return picture(self.sides[name]), f"zoo:{name}"

    def in_pieces(self, longest_ms: float) -> Fleet:
        return ZooInPieces(longest_ms)

    def frame(self, name: str) -> np.ndarray:
        return np.zeros((self.sides[name], self.sides[name], 3), np.uint8)

    def pushes(self, runtime: Runtime) -> list[Callable[[float], object]]:
        def push_to(name: str) -> Callable[[float], object]:
            port, planes, side = runtime._native.sensor(name), [self.frame(name)], self.sides[name]
            return lambda due: port.push_image(planes, [3 * side], side, side, "rgb24", capture=due)

        return [push_to(name) for name in self.names]


class ZooInPieces(Zoo):
    """The same, cut by the planner."""

    def __init__(self, longest_ms: float) -> None:
        self._longest_ms = longest_ms

    def box(self, folder: Path, bounds_ms: Mapping[str, float]) -> Path:
        file = folder / "pieces.yaml"
        text = super().box(folder, bounds_ms).read_text(encoding="utf-8")
        scheduler = f"---\nkind: Scheduler\nname: box\npieces: {self._longest_ms:.3f}ms\n"
        file.write_text(text + scheduler, encoding="utf-8")
        return file


class Asleep(Fleet):
    """Ten that sleep for 1.4 to 16.3 ms (times `slower`): what the scheduler does is seen undisturbed on a
    machine whose cores others use. Runs don't slow each other down."""

    times_ms = (1.4, 2.1, 2.5, 4.8, 6.2, 8.0, 10.7, 13.0, 14.8, 16.3)
    names = tuple(f"asleep-{index}" for index in range(len(times_ms)))

    def __init__(self, slower: float) -> None:
        self._slower = slower
        self._us = {name: int(ms * slower * 1e3) for name, ms in zip(self.names, self.times_ms, strict=True)}

    def texts(self, folder: Path, name: str) -> tuple[str, str]:
        ports = "input x float32 1x2\noutput y float32 1x2\necho\n"
        (folder / f"{name}.null").write_text(f"{ports}delay_us {self._us[name]}\n", encoding="utf-8")
        document = f"kind: Model\nname: {name}\nfile: {name}.null\n"
        document += "input: {table: {window: 1, shape: [1, 2]}}\n"
        (folder / f"{name}.yaml").write_text(document, encoding="utf-8")
        return "{kind: table, columns: [x, y], rate: 1000, max_rows: 1}", name

    def box(self, folder: Path, bounds_ms: Mapping[str, float]) -> Path:
        file = super().box(folder, bounds_ms)
        models = [(folder / f"{name}.yaml").read_text(encoding="utf-8") for name in self.names]
        file.write_text("---\n".join([file.read_text(encoding="utf-8") + "---\n" + models[0], *models[1:]]))
        return file

    def in_pieces(self, longest_ms: float) -> Fleet:
        return AsleepInPieces(self._slower, longest_ms / self._slower)

    def times(self) -> dict[str, float]:
        """What each model takes, in ms, times `slower`."""
        return dict(zip(self.names, self.times_ms, strict=True))

    def frame(self, name: str) -> np.ndarray:
        return np.zeros((1, 2), np.float32)

    def pushes(self, runtime: Runtime) -> list[Callable[[float], object]]:
        def push_to(name: str) -> Callable[[float], object]:
            port, row = runtime._native.sensor(name), self.frame(name)
            return lambda due: port.push_samples(row, capture=due)

        return [push_to(name) for name in self.names]


class AsleepInPieces(Asleep):
    """The same, each as a chain of models of at most `longest` ms."""

    def __init__(self, slower: float, longest: float) -> None:
        super().__init__(slower)
        self.counts = {name: ceil(ms / longest) for name, ms in super().times().items()}

    def times(self) -> dict[str, float]:
        return {f"{name}-{n}": ms / self.counts[name] for name, ms in super().times().items()
                for n in range(self.counts[name])}  # fmt: skip

    def box(self, folder: Path, bounds_ms: Mapping[str, float]) -> Path:
        texts = [_model(folder, name, us, not name.endswith("-0")) for name, us in self._pieces()]
        for name in self.names:
            bound = f"latency: {bounds_ms[name]:.4f}ms\non_miss: drop\n" if name in bounds_ms else ""
            form = "{kind: table, columns: [x, y], rate: 1000, max_rows: 1}"
            steps = [f"{{name: {name}-{n}, model: {name}-{n}" + (f", from: {name}-{n - 1}.y}}" if n else "}")
                     for n in range(self.counts[name])]  # fmt: skip
            head = PIPELINE.partition("steps:")[0].format(name=name, sensor=name, bound=bound)
            texts += [
                SENSOR.format(name=name, format=form, inbox=QUEUED),
                f"{head}steps: [{', '.join(steps)}]\n",
            ]
        file = folder / "pieces.yaml"
        file.write_text("---\n".join(text.removeprefix("---\n") for text in texts), encoding="utf-8")
        return file

    def _pieces(self) -> list[tuple[str, int]]:
        return [(name, int(ms * self._slower * 1e3)) for name, ms in self.times().items()]


def _model(folder: Path, name: str, us: int, inner: bool) -> str:
    """A document of a model that sleeps."""
    ports = "input x float32 1x2\noutput y float32 1x2\necho\n"
    (folder / f"{name}.null").write_text(f"{ports}delay_us {us}\n", encoding="utf-8")
    fed = "features: {}" if inner else "table: {window: 1, shape: [1, 2]}"
    return f"kind: Model\nname: {name}\nfile: {name}.null\ninput: {{{fed}}}\n"
