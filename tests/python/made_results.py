"""Results made by hand, for tests of what takes results."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from edgert.planner import PlannedOutput, PlannedPipeline
from edgert.results import Result


def picture(width: int = 96, height: int = 64, level: int = 90) -> SimpleNamespace:
    """A grey RGB frame."""
    plane = np.full((height, 3 * width), level, np.uint8)
    return SimpleNamespace(
        width=width, height=height, pixel="rgb24", planes=[plane], range="full", matrix="bt601"
    )


def made(
    outputs: dict[str, tuple[str, Any]],
    pipeline: str = "shop/people",
    sensor: str = "camera",
    sequence: int = 0,
    media_time: float | None = None,
    **more: Any,
) -> Result:
    """A result: outputs are name: (kind, array). Labels are the words a, b and c."""
    application, name = pipeline.split("/")
    planned = {key: PlannedOutput(key, key, kind, ["a", "b", "c"]) for key, (kind, _) in outputs.items()}
    native: dict[str, Any] = {
        "generation": 1,
        "sequence": sequence,
        "media_time": sequence / 10 if media_time is None else media_time,
        "status": "ok",
        "outcome": "ok",
        "error": None,
        "latency_ms": 12.5,
        "stages": {"decode": 1.0, "inbox": 0.5, "transform": 2.0, "model": 8.0, "queue": 1.0, "total": 12.5},
        "outputs": {key: data for key, (_, data) in outputs.items()},
        "rows": {},
        "frame": picture(),
        "deadline_missed": False,
        "cached": False,
        "age_ms": 0.0,
        "ages_ms": {},
    }
    steps: dict[str, Any] = {}
    document: Any = None
    return Result(
        SimpleNamespace(**{**native, **more}),
        PlannedPipeline(name, application, sensor, 0, document, planned, steps),
    )


def box(*numbers: float) -> tuple[str, Any]:
    """One detection: x0, y0, x1, y1, score, class."""
    return "detections", np.array([numbers], np.float32)
