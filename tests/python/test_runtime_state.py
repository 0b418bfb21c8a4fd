"""A model that keeps its state inside (a streaming wake word): in frame order, from a fresh start, whatever
the lanes, and afresh behind a gap unless its document carries it over."""

from __future__ import annotations

from pathlib import Path

import edgert
import numpy as np
import pytest
from edgert import Runtime, zoo

MODEL = "wake-okay-nabu"
SCALE, ZERO = 0.10196078568696976, -128
BOX = """
kind: Sensor
name: sensor
source: {{type: push, format: {{kind: table, columns: {columns}, rate: 33, max_rows: 3}}}}
inbox: {{policy: block, size: 64, in_flight: 8}}
---
kind: Model
name: wake
file: zoo:wake-okay-nabu
input: {{features: {{}}}}
on_gap: {on_gap}
---
kind: Pipeline
name: p
sensor: sensor
steps:
  - {{name: rows, transform: table.select, from: frame}}
  - {{name: wake, model: wake, from: rows}}
outputs: [wake]
"""


def features(count: int) -> np.ndarray:
    """A hum with noise: its seed was chosen for answers that vary."""
    random = np.random.default_rng(117)
    hum = random.integers(-128, 100, (1, 1, 40))
    return np.clip(hum + random.integers(-30, 30, (count, 3, 40)), -128, 127).astype(np.int8)


def by_hand(frames: np.ndarray) -> list[int]:
    session = edgert.load(f"zoo:{MODEL}").session()
    return [int(next(iter(session.run(frame[None]).values())).item()) for frame in frames]


def by_pipeline(folder: Path, frames: np.ndarray, on_gap: str, gaps: set[int]) -> list[int]:
    columns = [f"c{index}" for index in range(frames.shape[-1])]
    (folder / "box.yaml").write_text(BOX.format(columns=columns, on_gap=on_gap))
    found: list[int] = []
    with Runtime(folder / "box.yaml", lanes=4) as runtime:
        results = runtime.results("p")
        for index, frame in enumerate(frames):
            rows = (frame.astype(np.float32) - ZERO) * np.float32(SCALE)
            assert runtime.push("sensor", rows, media_time=index / 33, gap=index in gaps, timeout=20)
        runtime.finish("sensor")
        for result in results:
            assert result.status == "ok", result
            found.append(int(np.asarray(result.outputs["wake"]).item()))
    return found


@pytest.mark.skipif(not zoo.cached(MODEL), reason=f"zoo:{MODEL} is not in the cache")
@pytest.mark.parametrize("on_gap", ["reset", "carry"])
def test_state_inside_a_session_follows_the_stream(tmp_path: Path, on_gap: str) -> None:
    frames = features(60)
    whole, parts = by_hand(frames), by_hand(frames[:30]) + by_hand(frames[30:])
    assert whole != parts  # the state matters
    assert by_pipeline(tmp_path, frames, on_gap, {30}) == (parts if on_gap == "reset" else whole)
