"""Faces, their mesh, a body's points and a mask by edgert and by hand in ai_edge_litert: the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("av")

import hand_boxes as boxes
import hand_pixels as pixels
from hand_boxes import Found
from hand_engines import Seen, run, tflite, zoo

PORTRAIT = """
kind: Sensor
name: door
source: {type: images, path: zoo:astronaut, speed: max}
---
kind: Model         # gives back what it sees
name: same
file: same.onnx
input: {image: {size: 192, layout: nhwc, fit: stretch, range: [0, 255]}}
---
kind: Pipeline
name: persons
sensor: door
steps:
  - {name: near, model: zoo:face-detection-short}
  - {name: far, model: zoo:face-detection-full}
  - {name: mesh, model: zoo:face-mesh, for_each: near}
  - {name: person, model: zoo:selfie-segmentation}
  - {name: body, model: zoo:pose-detection}
  - {name: pose, model: zoo:pose-landmarks, for_each: body}
  - {name: face_places,
     regions: {from: near, scale: 1.5, square: true, rotate_from: 0, rotate_to: 1, target_angle: 0}}
  - {name: body_places,
     regions: {from: body, centre_on: 0, size_to: 1, rotate_from: 0, rotate_to: 1, target_angle: 90,
       square: true, scale: 1.25}}
  - {name: face_input, model: same, for_each: face_places}
outputs: [near, far, mesh, person, body, pose, face_places, body_places, face_input]
"""
LEVEL = 0.05  # of 255: how far a tensor of edgert may be from float64's
MODELS = ["face-detection-short", "face-detection-full", "face-mesh", "selfie-segmentation", "pose-detection"]


@pytest.fixture(scope="module")
def rgb() -> Any:
    return pixels.picture(zoo("astronaut")).astype(np.float64)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    for name in [*MODELS, "pose-landmarks", "astronaut"]:
        zoo(name)
    folder = tmp_path_factory.mktemp("portrait")
    write_identity(folder / "same.onnx", [1, 192, 192, 3])
    (only,) = run(folder, PORTRAIT)["default/persons"]
    return only


def write_identity(file: Path, shape: list[int]) -> None:
    onnx = pytest.importorskip("onnx")
    h = onnx.helper
    ends = [[h.make_tensor_value_info(name, 1, shape)] for name in ("image", "same")]
    graph = h.make_graph([h.make_node("Identity", ["image"], ["same"])], "same", *ends)
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), str(file))


def detected(rgb: Any, model: str, size: int, layers: list[tuple[int, int]], least: float) -> list[Found]:
    """A MediaPipe detector by hand: what it finds in a letterboxed picture, best first."""
    found, scores = tflite(model, pixels.ranged(pixels.tensor(rgb, size, "letterbox"), -1, 1)).values()
    if found.shape[2] == 1:
        found, scores = scores, found
    places, points = boxes.face_boxes(found[0], boxes.face_anchors(size, layers), size)
    sure = boxes.sigmoid(scores[0, :, 0])
    rows = [Found(places[i], float(sure[i]), 0, points[i]) for i in np.flatnonzero(sure >= least)]
    way = pixels.place(pixels.whole(rgb), size, "letterbox")
    return [boxes.in_frame(one, size, way) for one in boxes.one_each(rows, 0.3, weighted=True)]


def near_faces(rgb: Any) -> list[Found]:
    return detected(rgb, "face-detection-short", 128, [(8, 2), (16, 6)], 0.5)


def bodies(rgb: Any) -> list[Found]:
    return detected(rgb, "pose-detection", 224, [(8, 2), (16, 2), (32, 6)], 0.5)


def agree(rows: Any, wanted: list[Found]) -> None:
    assert len(rows) == len(wanted) > 0
    for row, found in zip(rows, wanted, strict=True):
        np.testing.assert_allclose(row[:4], found.box, atol=0.1)
        assert row[4] == pytest.approx(found.score, abs=1e-3) and row[5] == found.kind
        np.testing.assert_allclose(row[6:].reshape(-1, 3)[:, :2], found.points, atol=0.1)


def test_near_faces(rgb: Any, seen: Seen) -> None:
    agree(seen.outputs["near"], near_faces(rgb))


def test_far_faces(rgb: Any, seen: Seen) -> None:
    agree(seen.outputs["far"], detected(rgb, "face-detection-full", 192, [(4, 1)], 0.6))


def test_bodies(rgb: Any, seen: Seen) -> None:
    agree(seen.outputs["body"], bodies(rgb))


def test_the_faces_region_and_what_is_seen_there(rgb: Any, seen: Seen) -> None:
    regions = [boxes.face_region(face) for face in near_faces(rgb)]
    np.testing.assert_allclose(seen.outputs["face_places"], regions, atol=0.05)
    for (_, tensor), region in zip(seen.outputs["face_input"], seen.outputs["face_places"], strict=True):
        error = np.abs(tensor[0] - pixels.tensor(rgb, 192, "stretch", region))
        assert error.max() <= LEVEL


def points_in_frame(points: Any, size: int, region: Any) -> Any:
    """[K, 3]: pixels of the input to pixels of the frame; z with the scale of x."""
    way = pixels.place(region, size, "stretch")
    flat = points[:, :2] @ way[:, :2].T + way[:, 2]
    return np.column_stack([flat, points[:, 2] * region[2] / size])


def test_the_mesh_of_the_face(rgb: Any, seen: Seen) -> None:
    for (_, mesh), face in zip(seen.outputs["mesh"], near_faces(rgb), strict=True):
        region = boxes.face_region(face)
        out = tflite("face-mesh", pixels.ranged(pixels.tensor(rgb, 192, "stretch", region), 0, 1))
        wanted = points_in_frame(out["conv2d_21"].reshape(468, 3).astype(np.float64), 192, region)
        np.testing.assert_allclose(mesh[:, :3], wanted, atol=0.1)
        np.testing.assert_allclose(mesh[:, 3], boxes.sigmoid(out["conv2d_31"]).item(), atol=1e-4)


def pose_points(rgb: Any, region: Any) -> tuple[Any, Any]:
    """Pose landmarks by hand in a region: [33, 3] in pixels of the frame, and their scores [33]."""
    out = tflite("pose-landmarks", pixels.ranged(pixels.tensor(rgb, 256, "stretch", region), 0, 1))
    points = out["Identity"].reshape(39, 5)[:33].astype(np.float64)
    return points_in_frame(points[:, :3], 256, region), boxes.sigmoid(points[:, 3]) * out["Identity_1"].item()


def test_the_points_of_the_body_in_its_region(rgb: Any, seen: Seen) -> None:
    assert len(seen.outputs["pose"]) == len(seen.outputs["body_places"]) > 0
    for (_, pose), region in zip(seen.outputs["pose"], seen.outputs["body_places"], strict=True):
        points, scores = pose_points(rgb, region)
        np.testing.assert_allclose(pose[:, :3], points, atol=0.02)
        np.testing.assert_allclose(pose[:, 3], scores, atol=1e-4)


def test_the_points_of_the_body_from_the_picture_on(rgb: Any, seen: Seen) -> None:
    # a region that lies a tenth of a pixel beside another moves points that are hidden by some pixels
    for (_, pose), region, body in zip(
        seen.outputs["pose"], seen.outputs["body_places"], bodies(rgb), strict=True
    ):
        mine = boxes.body_region(body)
        np.testing.assert_allclose(region[:4], mine[:4], atol=0.6)
        points, scores = pose_points(rgb, mine)
        shown = scores > 0.9
        assert shown.sum() >= 10
        np.testing.assert_allclose(pose[shown, :2], points[shown, :2], atol=2e-3 * mine[2])
        np.testing.assert_allclose(pose[shown, 3], scores[shown], atol=0.02)


def test_the_mask_of_the_person(rgb: Any, seen: Seen) -> None:
    out = tflite("selfie-segmentation", pixels.ranged(pixels.tensor(rgb, 256, "stretch"), 0, 1))
    (wanted,) = out.values()
    np.testing.assert_allclose(seen.outputs["person"], wanted[0, :, :, 0], atol=5e-3)
    assert 0.2 < (seen.outputs["person"] > 0.5).mean() < 0.8
