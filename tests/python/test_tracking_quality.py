"""Identities in made-up scenes that are known, and small persons in a large picture."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))  # the scenes are the bench's

from parts.track.detector import detector
from parts.track.scenes import Frame, scene
from parts.track.scores import overlaps
from parts.track.sides import ours


def identities(frames: list[Frame], tracked: list[Any]) -> tuple[int, float, int]:
    """Switches of identity, the share of seen persons that have a track, and how many tracks there were."""
    before: dict[int, int] = {}
    switches, found, seen = 0, 0, 0
    ids: set[int] = set()
    for frame, rows in zip(frames, tracked, strict=True):
        ids.update(rows[:, 0].astype(int).tolist())
        seen += len(frame.truth)
        if not len(rows) or not len(frame.truth):
            continue
        iou = overlaps(frame.truth[:, 1:], rows[:, 1:])
        for person, column in zip(frame.truth[:, 0].astype(int), iou.argmax(1), strict=True):
            if iou[list(frame.truth[:, 0].astype(int)).index(person), column] < 0.5:
                continue
            found += 1
            track = int(rows[column, 0])
            switches += before.get(person, track) != track
            before[person] = track
    return switches, found / seen, len(ids)


@pytest.mark.parametrize("rate", [5, 10, 30])
def test_identities_are_kept_at_any_rate(rate: float) -> None:
    figures: dict[str, list[float]] = defaultdict(list)
    for seed in range(3):
        frames = scene(seed, 20, rate, persons=8)
        switches, found, tracks = identities(frames, ours(frames)[0])
        figures["switches"].append(switches)
        figures["found"].append(found)
        figures["tracks"].append(tracks)
    # Eight persons, who hide each other now and then; measured 30 fps: 5 switches in 3 scenes.
    assert sum(figures["switches"]) <= 20
    assert min(figures["found"]) > 0.85
    assert max(figures["tracks"]) <= 2.5 * 8


def test_a_lost_track_is_found_again_only_while_it_is_kept() -> None:
    still = np.array([[100, 100, 140, 200, 0.9, 0]])
    gap = [
        Frame(i / 30, np.zeros((0, 5)), still if i < 30 or i >= 60 else np.zeros((0, 6))) for i in range(90)
    ]
    assert len({row[0] for rows in ours(gap, keep="1500ms")[0] for row in rows}) == 1
    assert len({row[0] for rows in ours(gap, keep="500ms")[0] for row in rows}) == 2


LARGE = (
    detector(0.4)
    + """kind: Sensor
name: roof
source: {type: push, format: {kind: image, pixel: rgb24, width: %d, height: %d}}
inbox: {policy: block}
---
kind: Pipeline
name: roof
sensor: roof
steps:
  - {name: once, model: objects}
  - {name: tiles, model: objects, tiles: {columns: %d, rows: %d, overlap: 0.25}}
  - {name: persons, filter: {from: tiles, classes: [Person]}}
  - {name: persons_once, filter: {from: once, classes: [Person]}}
outputs: [persons, persons_once]
"""
)


def test_tiles_find_what_is_small_and_each_person_once(tmp_path: Path) -> None:
    pytest.importorskip("av")
    import av
    from edgert import zoo

    with av.open(str(zoo.get("street-camera"))) as video:
        pictures = [
            frame.to_ndarray(format="rgb24") for i, frame in enumerate(video.decode(video=0)) if i % 60 == 0
        ]
    height, width = pictures[0].shape[:2]
    # Twelve frames of the street beside each other, as a camera on a high roof would see them.
    mosaic = np.concatenate([np.concatenate(pictures[4 * row : 4 * row + 4], 1) for row in range(3)])
    path = tmp_path / "roof.yaml"
    path.write_text(LARGE % (4 * width, 3 * height, 5, 4), encoding="utf-8")
    with Runtime(path) as runtime:
        runtime.push("roof", np.ascontiguousarray(mosaic), media_time=0)
        answers = next(runtime.results("default/roof")).answers
        tiled, once = np.array(answers["persons"].array), np.array(answers["persons_once"].array)
    assert len(tiled) >= 10 + 3 * len(once)
    iou = overlaps(tiled, tiled)
    np.fill_diagonal(iou, 0)
    assert iou.max() <= 0.5
    # Nothing found is a piece of something found: none lies within another.
    low = np.maximum(tiled[:, None, :2], tiled[None, :, :2])
    high = np.minimum(tiled[:, None, 2:4], tiled[None, :, 2:4])
    within = np.clip(high - low, 0, None).prod(2) / (tiled[:, 2:4] - tiled[:, :2]).prod(1)[:, None]
    np.fill_diagonal(within, 0)
    assert (within > 0.8).sum() <= len(tiled) // 20
