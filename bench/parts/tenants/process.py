"""The peers' side of bench/tenants.py: one process a model, each decoding and preparing its own input
with OpenCV (sound with soundfile and NumPy), running its engine's own Python package.

Run by bench/tenants.py as: -m parts.tenants.process MODEL ROUNDS THREADS OUTPUT (THREADS 0: the engine's
default options; OUTPUT a folder). It prints "ready", waits for a line, works, prints its seconds, waits
for a line, ends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from edgert import zoo

from parts.tenants.work import HOP, VISION, Kept, Vision, camera_file, sound

Run = Callable[[Any], list[Any]]


def engine(path: str, threads: int) -> Run:
    """A function from the first input to all outputs in a fixed order."""
    if path.endswith(".tflite"):
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(path, num_threads=threads or None)
        interpreter.allocate_tensors()
        entry = interpreter.get_input_details()[0]["index"]
        exits = [detail["index"] for detail in interpreter.get_output_details()]

        def run_tflite(value: Any) -> list[Any]:
            interpreter.set_tensor(entry, value)
            interpreter.invoke()
            return [interpreter.get_tensor(index) for index in exits]

        return run_tflite
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if threads:
        options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda value: session.run(None, {name: value})


def see(vision: Vision, rounds: int, threads: int) -> Iterator[list[Any]]:
    import cv2

    if threads:
        cv2.setNumThreads(threads)
    run = engine(str(zoo.get(vision.zoo)), threads)
    run(
        np.zeros(
            (1, vision.size, vision.size, 3) if vision.layout == "nhwc" else (1, 3, vision.size, vision.size),
            np.float32,
        )
    )
    video = cv2.VideoCapture(str(camera_file(120)))
    yield []
    for _ in range(rounds):
        found, image = video.read()
        if not found:
            video.set(cv2.CAP_PROP_POS_FRAMES, 0)
            found, image = video.read()
        small = cv2.cvtColor(cv2.resize(image, (vision.size, vision.size)), cv2.COLOR_BGR2RGB)
        tensor = small.astype(np.float32) * np.float32(vision.scale) + np.float32(vision.offset)
        if vision.layout == "nchw":
            tensor = np.ascontiguousarray(tensor.transpose(2, 0, 1))
        yield run(tensor[None])


def mel_filters() -> Any:
    """64 triangles over HTK mels of 125..7500 Hz, for 257 bins of 16 kHz: YAMNet's."""
    mel = 1127 * np.log1p(np.arange(257) * 8000 / 256 / 700)
    edges = np.linspace(1127 * np.log1p(125 / 700), 1127 * np.log1p(7500 / 700), 66)
    rise = (mel[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - mel[:, None]) / np.diff(edges)[1:]
    filters = np.maximum(0, np.minimum(rise, fall))
    filters[0] = 0
    return filters.astype(np.float32)


def hear_sounds(rounds: int, threads: int) -> Iterator[list[Any]]:
    run = engine(str(zoo.get("yamnet")), threads)
    filters, window = mel_filters(), np.hanning(401)[:-1].astype(np.float32)
    samples = sound(rounds)
    run(np.zeros((1, 96, 64), np.float32))
    yield []
    for index in range(rounds):
        end = (index + 1) * HOP
        if end < 15600:
            yield []
            continue
        start = (end - 15600) // HOP * HOP
        frames = np.lib.stride_tricks.sliding_window_view(samples[start : start + 15600], 400)[::160] * window
        mel = np.log(np.abs(np.fft.rfft(frames, 512)) @ filters + 0.001).astype(np.float32)
        yield run(mel[None])


def hear_voice(rounds: int, threads: int) -> Iterator[list[Any]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if threads:
        options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(zoo.get("silero-vad")), options)
    samples = np.concatenate([np.zeros(64, np.float32), sound(rounds)])
    state, rate = np.zeros((2, 1, 128), np.float32), np.array(16000, np.int64)
    yield []
    for index in range(rounds):
        outputs = []
        for start in range(index * HOP, (index + 1) * HOP, 512):
            window = samples[start : start + 576][None]
            probability, state = session.run(None, {"input": window, "state": state, "sr": rate})
            outputs.append(probability)
        yield [np.stack(outputs)]


def hear_mel(rounds: int, threads: int) -> Iterator[list[Any]]:
    run = engine(str(zoo.get("keyword-melspectrogram")), threads)
    samples = np.concatenate([np.zeros(480, np.float32), sound(rounds)]) * np.float32(32767)
    yield []
    for index in range(rounds):
        yield [
            np.stack(
                [
                    run(samples[start : start + 1760][None])[0]
                    for start in range(index * HOP, (index + 1) * HOP, 1280)
                ]
            )
        ]


def work(name: str, rounds: int, threads: int) -> Iterator[list[Any]]:
    heard = {"voice": hear_voice, "sounds": hear_sounds, "keyword-mel": hear_mel}
    if name in heard:
        return heard[name](rounds, threads)
    return see(next(v for v in VISION if v.name == name), rounds, threads)


def main() -> None:
    name, rounds, threads, output = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    steps = work(name, rounds, threads)
    next(steps)  # loaded and warm
    print("ready", flush=True)
    sys.stdin.readline()
    kept = Kept(output)
    began = time.perf_counter()
    for index, outputs in enumerate(steps):
        if index % 20 == 10:
            for i, value in enumerate(outputs):
                kept.keep(f"{index}.{i}", value)
    print(time.perf_counter() - began, flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
