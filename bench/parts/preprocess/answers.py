"""A detector's answers on the street camera from tensors that were made in three ways."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from edgert import zoo

from parts.preprocess.native import Native
from parts.preprocess.reference import resized, rgb

sys.path.insert(0, str(Path(__file__).parents[3] / "tests" / "python" / "by_hand"))
import hand_boxes as boxes

SIDE, SCALE, OFFSET = 300, 1 / 127.5, -1.0
THRESHOLD = 0.5
UNSURE = 0.05  # an answer this near to the threshold may be on either side of it


def engine() -> Any:
    from ai_edge_litert.interpreter import Interpreter

    made = Interpreter(str(zoo.get("ssd-mobilenetv2-oidv4")), num_threads=1)
    made.allocate_tensors()
    return made


def detect(made: Any, tensor: Any) -> list[Any]:
    """(kind, score, box 0..1) of what is found, best first."""
    made.set_tensor(made.get_input_details()[0]["index"], tensor.astype(np.float32).reshape(1, SIDE, SIDE, 3))
    made.invoke()
    out = {one["name"]: made.get_tensor(one["index"]) for one in made.get_output_details()}
    scores = boxes.sigmoid(out["raw_outputs/class_predictions"][0])[:, 1:]
    places = boxes.ssd_boxes(out["raw_outputs/box_encodings"][0])
    kinds, best = scores.argmax(1) + 1, scores.max(1)
    nothing = np.zeros((0, 2))
    chosen = np.flatnonzero(best >= THRESHOLD - UNSURE)
    found = [boxes.Found(places[i], float(best[i]), int(kinds[i]), nothing) for i in chosen]
    return boxes.one_each(found, 0.5, weighted=False)


def same(one: list[Any], other: list[Any], score: float) -> bool:
    """Whether each sure answer has one of the same class there, on the same place (IoU of 0.9)."""

    def covered(these: list[Any], those: list[Any]) -> bool:
        return all(
            any(
                a.kind == b.kind and boxes.overlap(a.box, b.box) > 0.9 and abs(a.score - b.score) < score
                for b in those
            )
            for a in these
            if a.score >= THRESHOLD
        )

    return covered(one, other) and covered(other, one)


def answers(library: Any, frames: int) -> dict[str, Any]:
    made, equal, usual, seen = engine(), 0, 0, 0
    with av.open(str(zoo.get("street-camera"))) as container:
        decoded = list(islice(container.decode(video=0), 0, 75 * frames, 75))
    for frame in decoded:
        planes = [
            np.frombuffer(p, np.uint8).reshape(p.height, p.line_size)[:, : p.width].copy()
            for p in frame.planes
        ]
        native = Native(library, planes, SIDE, "nhwc", "bilinear", "float32", SCALE, OFFSET)
        native.run(1)
        ours = detect(made, native.output())
        native.close()
        exact = detect(made, resized(rgb(planes), SIDE, "bilinear") * SCALE + OFFSET)
        joined = np.concatenate([p.reshape(-1) for p in planes]).reshape(-1, planes[0].shape[1])
        whole = cv2.resize(cv2.cvtColor(joined, cv2.COLOR_YUV2RGB_I420), (SIDE, SIDE))
        others = detect(made, whole * SCALE + OFFSET)
        seen += sum(found.score >= THRESHOLD for found in exact)
        equal += same(ours, exact, 0.01)
        usual += same(ours, others, 0.1)
    return {
        "answers": seen,
        "same_answers": equal == len(decoded),
        "same_answers_as_opencv": f"{usual} of {len(decoded)} frames",
    }
