"""How well the tracker keeps identities, and what it costs, against supervision's ByteTrack.

    python bench/track.py [--scenes 6] [--rounds 3]

Both get the same detections of made-up scenes with known identities (parts/track/scenes.py), at 30 and at 10
frames a second, and sparse and crowded. idf1, mota and id_switches are those of all scenes together, by the
library motmetrics (switches of an identity summed). us_per_frame: edgert's node as its metrics tell it; the
peer's update call. street_tracks: the confirmed tracks of persons on the zoo's street camera, which has no
known identities: fewer and longer ones are better.

The peer is `pip install --no-deps supervision==0.25.1` (its later versions leave the tracker out; without
--no-deps it replaces opencv-python-headless), with `pip install scipy matplotlib defusedxml`. Where it is
missing, its figures are null.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from common import finish, machine, say
from edgert import Runtime
from parts.track.detector import detector
from parts.track.scenes import Frame, scene
from parts.track.scores import scores
from parts.track.sides import ours, peer_is_there, theirs

KINDS = [  # rate, persons, size of the picture
    (30, 12, 1.0),
    (10, 12, 1.0),
    (30, 30, 0.8),
    (10, 30, 0.8),
]
STREET = (
    detector(0.1)
    + """kind: Sensor
name: street
source: {type: video, path: zoo:street-camera, speed: max}
---
kind: Pipeline
name: street
sensor: street
steps:
  - {name: objects, model: objects, tiles: {columns: 2, rows: 1}}
  - {name: persons, filter: {from: objects, classes: [Person]}}
  - {name: tracks, track: {from: persons, high: 0.4, new: 0.5}}
"""
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=6, help="of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-street", action="store_true", help="leaves the street camera out")
    asked = parser.parse_args()
    figures: dict[str, Any] = {"bench": "track", "machine": machine()}
    figures |= made_up(asked.scenes, asked.rounds)
    if not asked.no_street:
        figures |= street()
    finish(figures)


def made_up(scenes: int, rounds: int) -> dict[str, Any]:
    frames: list[list[Frame]] = []
    rates: list[float] = []
    for rate, persons, size in KINDS:
        for seed in range(scenes):
            frames.append(scene(seed, 20, rate, persons, size))
            rates.append(rate)
    took: dict[str, list[float]] = {"ours": [], "peer": []}
    for index in range(rounds):
        sides: dict[str, Any] = {"ours": lambda: [ours(one) for one in frames]}
        if peer_is_there():
            sides["peer"] = lambda: [theirs(one, rate) for one, rate in zip(frames, rates, strict=True)]
        tracked = {}
        for side in list(sides) if index % 2 == 0 else list(reversed(sides)):
            results = sides[side]()
            tracked[side] = [tracks for tracks, _ in results]
            took[side].append(median(microseconds for _, microseconds in results))
    mine = scores(frames, tracked["ours"])
    peer = scores(frames, tracked["peer"]) if "peer" in tracked else dict.fromkeys(mine)
    for index, (rate, persons, _) in enumerate(KINDS):
        part = slice(index * scenes, (index + 1) * scenes)
        said = {side: scores(frames[part], tracked[side][part]) for side in tracked}
        say(f"{rate} fps, {persons} persons: " + ", ".join(f"{side} {said[side]}" for side in said))
    return {
        "idf1": mine["idf1"],
        "peer_idf1": peer["idf1"],
        "mota": mine["mota"],
        "peer_mota": peer["mota"],
        "id_switches": mine["switches"],
        "peer_id_switches": peer["switches"],
        "us_per_frame": median(took["ours"]),
        "peer_us_per_frame": median(took["peer"]) if took["peer"] else None,
    }


def street() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "street.yaml"
        path.write_text(STREET, encoding="utf-8")
        seen: Counter[int] = Counter()
        with Runtime(path) as runtime:
            for result in runtime.results("default/street"):
                seen.update(track.id for track in result.answers["tracks"])
    return {
        "street_tracks": len(seen),
        "street_tracks_of_3_s": sum(count >= 30 for count in seen.values()),
        "street_median_frames": median(seen.values()),
    }


if __name__ == "__main__":
    main()
