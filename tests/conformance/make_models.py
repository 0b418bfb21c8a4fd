"""Writes the models and reference outputs of the conformance suite: make_models.py FOLDER

References are computed with NumPy, those of real models with the engine's own Python package.
Real models are taken from the cache of `edgert zoo get` (EDGERT_CACHE), where they are there.
"""

import os
import sys
from pathlib import Path

import null_models
import numpy as np
import onnx_models
import tflite_models

# The name in these tests -> the file in the zoo's cache.
REAL = {
    "mp_face_detection_short_range.tflite": "face-detection-short.tflite",
    "mp_face_landmark_with_attention.tflite": "face-mesh-attention.tflite",
    "mww_okay_nabu.tflite": "wake-okay-nabu.tflite",
    "silero_vad.onnx": "silero-vad.onnx",
    "efficientnet_lite0_int8.tflite": "efficientnet-lite0-int8.tflite",
}


def _dense(folder: Path):
    random = np.random.default_rng(7)
    weights = random.standard_normal((16, 4)).astype(np.float32)
    bias = random.standard_normal(4).astype(np.float32)
    x = random.standard_normal((1, 16)).astype(np.float32)
    np.save(folder / "dense.x.npy", x)
    np.save(folder / "dense.y.npy", x @ weights + bias)
    return weights, bias


def _tflite_reference(path: Path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    random = np.random.default_rng(3)
    x = (
        random.integers(0, 256, given["shape"]).astype(given["dtype"])
        if given["dtype"] == np.uint8
        else random.uniform(-1, 1, given["shape"]).astype(given["dtype"])
    )
    interpreter.set_tensor(given["index"], x)
    interpreter.invoke()
    np.save(path.with_suffix(".x.npy"), x)
    for i, output in enumerate(interpreter.get_output_details()):
        np.save(path.with_suffix(f".y{i}.npy"), interpreter.get_tensor(output["index"]))


def _wake_word_reference(path: Path, steps=40):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    (given,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    x = np.random.default_rng(5).integers(-128, 128, (steps, *given["shape"][0:])).astype(np.int8)
    y = []
    for step in x:
        interpreter.set_tensor(given["index"], step)
        interpreter.invoke()
        y.append(interpreter.get_tensor(output["index"]).copy())
    np.save(path.with_suffix(".x.npy"), x)
    np.save(path.with_suffix(".y.npy"), np.stack(y))


def _voice_reference(path: Path, steps=12):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    state = np.zeros((2, 1, 128), np.float32)
    x = np.random.default_rng(9).normal(0, 0.2, (steps, 1, 576)).astype(np.float32)
    y = []
    for step in x:
        probability, state = session.run(
            None, {"input": step, "state": state, "sr": np.array(16000, np.int64)}
        )
        y.append(probability)
    np.save(path.with_suffix(".x.npy"), x)
    np.save(path.with_suffix(".y.npy"), np.stack(y))


REFERENCES = {
    "mp_face_detection_short_range.tflite": _tflite_reference,
    "efficientnet_lite0_int8.tflite": _tflite_reference,
    "mww_okay_nabu.tflite": _wake_word_reference,
    "silero_vad.onnx": _voice_reference,
}


def _real_models(folder: Path):
    cache = (
        os.environ.get("EDGERT_CACHE")
        or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgert"
    )
    for name, file in REAL.items():
        found = next(Path(cache).rglob(file), None)
        if found is None:
            print(f"{file}: not in {cache}, its tests will be skipped")
            continue
        target = folder / name
        target.unlink(missing_ok=True)
        target.symlink_to(found.resolve())
        if name in REFERENCES:
            REFERENCES[name](target)


def main(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    weights, bias = _dense(folder)
    heavy = np.random.default_rng(11).normal(0, 0.03, (4, 1024, 1024)).astype(np.float32)
    onnx_models.write(folder, weights, bias, heavy)
    tflite_models.write(folder, weights, bias, heavy)
    null_models.write(folder)
    _real_models(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
