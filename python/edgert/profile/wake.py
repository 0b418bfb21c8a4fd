"""How long a lane that sleeps takes to begin with a frame that came, and what pushing it costs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from edgert.documents.profile import Spread

from .among import spread

FRAMES = 300
"""Frames that wake a lane."""
APART = 0.003  # s: by then a lane sleeps
RAN, ADMITTED = 0, 2  # kinds of records (metrics/trace.h)
MODEL = "input x float32 1x2\noutput y float32 1x2\n"
BOX = """kind: Model
name: nothing
file: nothing.null
input: {table: {window: 1, shape: [1, 2]}}
---
kind: Sensor
name: frames
source: {type: push, format: {kind: table, columns: [x, y], rate: 300, max_rows: 1}}
---
kind: Pipeline
name: wake
sensor: frames
when_full: drop_oldest
steps: [{name: nothing, model: nothing}]
"""


def measure_wake(frames: int = FRAMES, apart: float = APART) -> tuple[Spread, Spread]:
    """From the arrival of a frame at an idle runtime to the start of its first run; and the processor time
    of the Python thread that wakes for each frame and pushes it. So many frames, so far apart (seconds)."""
    from edgert import Runtime

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "nothing.null").write_text(MODEL, encoding="utf-8")
        box = Path(folder) / "box.yaml"
        box.write_text(BOX, encoding="utf-8")
        with Runtime(box, policy="none", trunks=False) as runtime:
            runtime._native.start_trace(16 * frames)
            port, row = runtime._native.sensor("frames"), np.zeros((1, 2), np.float32)
            spent = [time.thread_time()]
            for _ in range(frames):
                time.sleep(apart)
                port.push_samples(row)
                spent.append(time.thread_time())
            time.sleep(apart)
            records = runtime._native.stop_trace()["records"]
    return Spread(**spread(_waits(records))), Spread(**spread(np.diff(spent)))


def _waits(records: Any) -> Any:
    """Seconds, by frame."""
    came = records[records["kind"] == ADMITTED]
    ran = records[records["kind"] == RAN]
    began = {int(one["frame"]): int(one["start"]) for one in ran[np.argsort(-ran["start"])]}  # the first one
    waits = [
        began[frame] - arrived
        for frame, arrived in zip(came["frame"].tolist(), came["start"].tolist(), strict=True)
        if frame in began
    ]
    return np.maximum(np.array(waits), 0) / 1e9
