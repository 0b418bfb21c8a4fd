"""Two applications on one camera, written by hand with OpenCV and ONNX Runtime.

    python by_hand.py OUTPUT

What changes/box declares, for effort.py, which counts what a change of it
takes: one thread reads the camera, an input that several models want is made once a frame, two workers run
the models, and each application's answers are written as lines of JSON. Files are fetched by the zoo;
nothing else is edgert's.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import cv2
import numpy as np
import onnxruntime
from edgert import zoo

CAMERA = "camera.mp4"
WORKERS = 2
WAITING = 8  # jobs


@dataclass(frozen=True)
class Picture:
    """How a frame becomes a model's input."""

    size: int
    mean: float
    deviation: float


@dataclass(frozen=True)
class Wanted:
    application: str
    model: str
    picture: Picture


SCENE = Picture(224, 127, 128)
WANTED = [
    Wanted("shop", "efficientnet-lite0", SCENE),
    Wanted("alarm", "efficientnet-lite0-qdq-int8", SCENE),
]


@dataclass
class Job:
    wanted: Wanted
    frame: int
    tensor: Any


def labels_of(artifact: str) -> list[str]:
    return zoo.get(artifact).read_text(encoding="utf-8").splitlines()


class Classifier:
    """A model with its labels. ONNX Runtime lets several threads run one session."""

    def __init__(self, name: str, labels: list[str]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(zoo.get(name)), options)
        self.input = self.session.get_inputs()[0].name
        self.labels = labels

    def run(self, tensor: Any) -> tuple[str, float]:
        logits = self.session.run(None, {self.input: tensor})[0].reshape(-1)
        exponents = np.exp(logits - logits.max())
        best = int(exponents.argmax())
        return self.labels[best], float(exponents[best] / exponents.sum())


def prepare(image: Any, picture: Picture) -> Any:
    """The middle square of the frame as float32 [1, 3, size, size] of RGB."""
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    small = cv2.cvtColor(cv2.resize(square, (picture.size, picture.size)), cv2.COLOR_BGR2RGB)
    values = (small.astype(np.float32) - picture.mean) / picture.deviation
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def frames(path: str) -> Iterator[Any]:
    video = cv2.VideoCapture(path)
    if not video.isOpened():
        raise SystemExit(f"{path}: can't be opened")
    while True:
        found, image = video.read()
        if not found:
            return
        yield image


class Output:
    """Lines of JSON, from any thread."""

    def __init__(self, file: IO[str]) -> None:
        self.file, self.lock = file, threading.Lock()

    def write(self, job: Job, answer: tuple[str, float] | None) -> None:
        label, score = answer or (None, None)
        line = {"application": job.wanted.application, "frame": job.frame, "label": label, "score": score}
        with self.lock:
            self.file.write(json.dumps(line) + "\n")


def read_camera(jobs: queue.Queue[Job | None]) -> None:
    for index, image in enumerate(frames(CAMERA)):
        tensors = {picture: prepare(image, picture) for picture in {wanted.picture for wanted in WANTED}}
        for wanted in WANTED:
            jobs.put(Job(wanted, index, tensors[wanted.picture]))


def work(jobs: queue.Queue[Job | None], models: dict[str, Classifier], output: Output) -> None:
    while (job := jobs.get()) is not None:
        output.write(job, models[job.wanted.model].run(job.tensor))


def main() -> None:
    labels = labels_of("imagenet-labels")
    models = {wanted.model: Classifier(wanted.model, labels) for wanted in WANTED}
    jobs: queue.Queue[Job | None] = queue.Queue(WAITING)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        output = Output(file)
        workers = [threading.Thread(target=work, args=(jobs, models, output)) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        read_camera(jobs)
        for _ in workers:
            jobs.put(None)
        for worker in workers:
            worker.join()


if __name__ == "__main__":
    main()
