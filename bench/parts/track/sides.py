"""The trackers that are compared, on the same detections: edgert's step, and supervision's ByteTrack."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from edgert import Runtime
from edgert.documents import (
    DocumentSet,
    Pipeline,
    PushSource,
    Sensor,
    TableFormat,
    Track,
    TrackStep,
    TransformStep,
)

from parts.track.scenes import Frame

Array = npt.NDArray[Any]
ROWS = 128
COLUMNS = ["x0", "y0", "x1", "y1", "score", "class"]


def documents(**options: Any) -> DocumentSet:
    """Detections that are pushed as rows of a table, and a track step on them."""
    form = TableFormat(kind="table", columns=COLUMNS, rate=30, max_rows=ROWS)
    return DocumentSet(
        Sensor(name="detector", source=PushSource(type="push", format=form), inbox={"policy": "block"}),
        Pipeline(
            name="tracks",
            sensor="detector",
            steps=[
                TransformStep(name="found", transform="table.select", from_=["frame"]),
                TrackStep(name="tracks", track=Track(from_="found", **options)),
            ],
        ),
    )


def ours(frames: list[Frame], **options: Any) -> tuple[list[Array], float]:
    """Rows of id and box by frame, and µs a frame in the tracker's node."""
    tracked = []
    with Runtime(documents(**options), lanes=1) as runtime:
        results = runtime.results("default/tracks")
        for frame in frames:
            rows = np.zeros((ROWS, len(COLUMNS)), np.float32)
            rows[: len(frame.found)] = frame.found[:ROWS]
            runtime.push("detector", rows, media_time=frame.time)
            array = np.array(next(results).outputs["tracks"])
            tracked.append(array[:, [6, 0, 1, 2, 3]])
        nodes = runtime.metrics()["nodes"]
    return tracked, _microseconds(nodes)


def _microseconds(nodes: Any) -> float:
    rows = nodes.values() if isinstance(nodes, dict) else nodes
    node = next(row for row in rows if row["op"] == "track.boxes")
    return float(node["run_ms_mean"]) * 1000


def peer_is_there() -> bool:
    """Whether the peer's tracker can be imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import supervision
        except ImportError:
            return False
        return hasattr(supervision, "ByteTrack")


def theirs(frames: list[Frame], rate: float) -> tuple[list[Array], float]:
    """The same of supervision's ByteTrack, with its defaults but for the camera's rate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import supervision

        # 0.5: sure boxes, as ours. It begins tracks above that + 0.1, as ours.
        tracker = supervision.ByteTrack(
            track_activation_threshold=0.5, lost_track_buffer=30, frame_rate=round(rate)
        )
        tracked, took = [], 0.0
        for frame in frames:
            found = supervision.Detections(
                xyxy=frame.found[:, :4].astype(np.float32),
                confidence=frame.found[:, 4].astype(np.float32),
                class_id=frame.found[:, 5].astype(int),
            )
            begun = time.perf_counter()
            tracks = tracker.update_with_detections(found)
            took += time.perf_counter() - begun
            ids = np.zeros(0) if tracks.tracker_id is None else tracks.tracker_id
            tracked.append(np.column_stack([ids, tracks.xyxy.reshape(-1, 4)]))
    return tracked, took / len(frames) * 1e6
