"""The work of bench/tenants.py: ten models, one 720p camera, one microphone.

A round is one camera frame through seven vision models and 480 ms of sound through three: every model
does the same number of rounds on every side.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

HOP = 7680  # samples of sound a round: 480 ms at 16 kHz


@dataclass(frozen=True)
class Vision:
    name: str
    zoo: str
    size: int
    layout: str
    scale: float  # value = pixel * scale + offset
    offset: float
    input: dict[str, Any]  # of the model document


def _vision(name: str, zoo: str, size: int, layout: str, low: float, high: float) -> Vision:
    return Vision(
        name,
        zoo,
        size,
        layout,
        (high - low) / 255,
        low,
        {"size": size, "layout": layout, "fit": "stretch", "range": [low, high]},
    )


VISION = [
    _vision("face", "face-detection-short", 128, "nhwc", -1, 1),
    _vision("mesh", "face-mesh", 192, "nhwc", 0, 1),
    _vision("scene", "efficientnet-lite0", 224, "nchw", -1, 1),
    _vision("scene-int8", "efficientnet-lite0-qdq-int8", 224, "nchw", -1, 1),
    _vision("stages", "efficientnet-lite0-taps", 224, "nchw", -1, 1),
    _vision("squeeze", "light-squeezenet", 224, "nchw", 0, 1),
    _vision("shuffle", "light-shufflenet", 224, "nchw", 0, 1),
]
AUDIO = ["voice", "sounds", "keyword-mel"]
MODELS = [v.name for v in VISION] + AUDIO


def camera_file(frames: int, *, live: bool = False) -> Path:
    """A 720p H.264 file made of the street camera's frames, kept in the cache; as cameras send it (live), no
    frame waits for one that comes after it."""
    import av
    from edgert import zoo

    path = zoo.folder() / "bench" / f"street-720p-{frames}{'-live' * live}.mp4"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.mp4")
    with av.open(str(zoo.get("street-camera"))) as source, av.open(str(partial), "w") as sink:
        options = {"preset": "medium", "crf": "20"} | ({"tune": "zerolatency"} if live else {})
        stream = sink.add_stream("libx264", rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for index, frame in enumerate(source.decode(video=0)):
            if index == frames:
                break
            sink.mux(stream.encode(frame.reformat(width=1280, height=720, format="yuv420p")))
        sink.mux(stream.encode())
    partial.rename(path)
    return path


def sound(rounds: int) -> Any:
    """Float32 mono at 16 kHz, as long as the rounds need, and no more of the recording in memory."""
    import numpy as np
    import soundfile
    from edgert import zoo

    path = str(zoo.get("street-recording"))
    samples, rate = soundfile.read(path, frames=rounds * HOP, dtype="float32")
    assert rate == 16000
    return np.resize(samples, rounds * HOP) if len(samples) < rounds * HOP else samples


class Kept:
    """Sampled outputs, written to a file as they come: what is compared must not count as memory, and little
    as work. From any thread."""

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / "kept"
        self.path.parent.mkdir(exist_ok=True)

    @cached_property
    def _file(self) -> BinaryIO:
        return self.path.open("ab", buffering=0)

    def keep(self, key: str, array: Any) -> None:
        import numpy as np

        values = np.ascontiguousarray(array)
        head = pickle.dumps((key, values.dtype.str, values.shape))
        parts = [len(head).to_bytes(4, "little"), head, values.reshape(-1).view(np.uint8)]
        # One call, so that those of several threads stay whole.
        if os.writev(self._file.fileno(), parts) != 4 + len(head) + values.nbytes:
            raise SystemExit(f"{self.path}: no room for the answers")

    def read(self) -> dict[str, Any]:
        import numpy as np

        kept = {}
        with self.path.open("rb") as file:
            while size := file.read(4):
                key, dtype, shape = pickle.loads(file.read(int.from_bytes(size, "little")))
                values = np.fromfile(file, np.dtype(dtype), int(np.prod(shape, dtype=int)))
                kept[key] = values.reshape(shape)
        return kept
