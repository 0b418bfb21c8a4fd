"""What edgert itself costs: dispatch, a call from Python, allocations, copies.

    python bench/overhead.py [--rounds 5]

cpp_dispatch_us: the null backend, saturated: from a frame's push to its result, a fresh activation, one
transform and one execution each (and with eight executions a frame, for each). python_vs_onnxruntime: a
30 µs ONNX model through edgert's Session.run against onnxruntime's own Python run, both with one thread, so
that the engine's own work is equal and only the way there and back differs; same input, equal answers;
engine_alone_vs_onnxruntime is the limit: the engine's own time, called from C, over that.
python_vs_onnxruntime_default: against its run with the options that it comes with, a thread a core (edgert
gives a session one thread unless a document says more). python_of_real_models: the same for three small
models of the zoo.
allocations_per_frame: malloc and its kin counted in the steady state from inbox to sink (null backend: all
of them are edgert's; a real engine's are reported apart). bytes_copied_per_frame: between the decoder's
planes and the engine, besides the transform's own output.

The C++ part (bench/cpp) is compiled against the installed package with the system's compiler.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import edgert
import numpy as np
from common import alternate, finish, machine, medians, say
from edgert import zoo
from edgert.engines import find_library

HERE = Path(__file__).parent
Feeds = dict[str, Any]  # arrays by input


def build(folder: Path) -> Path:
    """bench/cpp against the headers and the library of the installed edgert."""
    include = Path(edgert.get_include())
    library = include.parent / "lib"
    binary = folder / "overhead"
    command = [
        os.environ.get("CXX", "g++"),
        "-O2",
        "-std=c++20",
        f"-I{include}",
        *(str(HERE / "cpp" / name) for name in ("allocations.cc", "overhead.cc")),
        "-o",
        str(binary),
        f"-L{library}",
        "-ledgert",
        f"-Wl,-rpath,{library}",
        "-pthread",
    ]
    subprocess.run(command, check=True)
    return binary


def null_models(folder: Path, count: int) -> list[str]:
    files = []
    for index in range(count):
        file = folder / f"model{index}.null"
        file.write_text(f"input x float32 1x4\noutput y float32 1x{index + 1}\n")
        files.append(str(file))
    return files


def ask(binary: Path, *arguments: str) -> dict[str, float]:
    environment = dict(os.environ)
    for backend in ("onnxruntime", "tflite"):
        if library := find_library(backend):
            environment[f"EDGERT_{backend.upper()}_LIBRARY"] = str(library)
    done = subprocess.run([binary, *arguments], check=True, capture_output=True, text=True, env=environment)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def small_model(folder: Path) -> str:
    """Eight matrix products of 256: some 30 µs of engine time on one core."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    weights, nodes = [], []
    for layer in range(8):
        matrix = rng.standard_normal((256, 256)).astype(np.float32) / 16
        weights.append(numpy_helper.from_array(matrix, f"w{layer}"))
        nodes.append(helper.make_node("MatMul", [f"x{layer}", f"w{layer}"], [f"x{layer + 1}"]))
    entry, end = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 256]) for name in ("x0", "x8"))
    graph = helper.make_graph(nodes, "small", [entry], [end], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    path = folder / "small.onnx"
    onnx.save(model, str(path))
    return str(path)


def timed(call: Callable[[], Any], calls: int = 3000) -> float:
    """Microseconds a call."""
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e6


def real_models() -> dict[str, tuple[str, Feeds]]:
    """Small models of the zoo, and what each gets in use: 50 to 100 ms of sound, or one embedding."""
    rng = np.random.default_rng(2)
    sound = rng.standard_normal((1, 1280)).astype(np.float32) / 10
    voice = {"input": sound[:, :512], "state": np.zeros((2, 1, 128), np.float32), "sr": np.array(16000)}
    feeds: dict[str, Feeds] = {
        "yamnet-bicycle-bell": {"embeddings": rng.standard_normal((1, 1024)).astype(np.float32)},
        "keyword-melspectrogram": {"input": sound},
        "silero-vad": voice,
    }
    return {name: (str(zoo.get(name)), feed) for name, feed in feeds.items()}


def python_calls(model: str, feeds: Feeds, rounds: int) -> dict[str, float]:
    """Microseconds a call: edgert's, onnxruntime's with one thread, and onnxruntime's as it comes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    single = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    default = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    ours = edgert.load(model).session()
    answer = ours.run(feeds)
    names = [output.name for output in single.get_outputs()]
    for name, one, many in zip(names, single.run(None, feeds), default.run(None, feeds), strict=True):
        if not np.array_equal(one, answer[name]):
            raise SystemExit(f"{model}: edgert's and onnxruntime's answers differ")
        if not np.allclose(many, answer[name], rtol=1e-4, atol=1e-5):
            raise SystemExit(f"{model}: edgert's and onnxruntime's answers differ")

    def as_it_comes() -> float:
        figure = timed(lambda: default.run(None, feeds))
        time.sleep(0.05)  # its threads spin on for a while: they must not slow what is timed next
        return figure

    return medians(
        alternate(
            rounds * 3,
            {
                "onnxruntime_one_thread": lambda: timed(lambda: single.run(None, feeds)),
                "edgert": lambda: timed(lambda: ours.run(feeds)),
                "onnxruntime": as_it_comes,
            },
        )
    )


def ratios(calls: dict[str, float]) -> dict[str, float]:
    """Of one model: edgert's time, and that over onnxruntime's with one thread and as it comes."""
    ours = calls["edgert"]
    return {
        "us": round(ours, 2),
        "vs_onnxruntime": round(ours / calls["onnxruntime_one_thread"], 4),
        "vs_onnxruntime_default": round(ours / calls["onnxruntime"], 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    here = machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        binary, models = build(folder), null_models(folder, 8)
        dispatch = medians(
            alternate(
                options.rounds,
                {
                    "one": lambda: ask(binary, "dispatch", "300000", models[0])["frame_us"],
                    "eight": lambda: ask(binary, "dispatch", "60000", *models)["execution_us"],
                },
            )
        )
        say(
            f"  dispatch: {dispatch['one']:.2f} µs a frame of one execution, "
            f"{dispatch['eight']:.2f} µs an execution of eight"
        )
        null = ask(binary, "dispatch", "200000", models[0])
        real = ask(binary, "frame", "200", str(zoo.get("efficientnet-lite0")))
        small = small_model(folder)
        feeds = {"x0": np.random.default_rng(1).standard_normal((1, 256)).astype(np.float32)}
        calls = python_calls(small, feeds, options.rounds)
        real_calls = {
            name: ratios(python_calls(file, feed, max(1, options.rounds // 2)))
            for name, (file, feed) in real_models().items()
        }
        alone = ask(binary, "engine", "20000", small)["run_us"]
        say(
            f"  Session.run {calls['edgert']:.1f} µs, onnxruntime's run {calls['onnxruntime']:.1f} µs as it "
            f"comes, {calls['onnxruntime_one_thread']:.1f} µs with one thread"
        )
    finish(
        {
            "cpp_dispatch_us": dispatch["one"],
            "cpp_dispatch_us_of_eight": dispatch["eight"],
            "python_vs_onnxruntime": calls["edgert"] / calls["onnxruntime_one_thread"],
            "python_vs_onnxruntime_default": calls["edgert"] / calls["onnxruntime"],
            "python_us": {name: round(value, 2) for name, value in calls.items()},
            "python_of_real_models": real_calls,
            "engine_alone_us": alone,
            "engine_alone_vs_onnxruntime": alone / calls["onnxruntime_one_thread"],
            "allocations_per_frame": null["allocations_per_frame"],
            "with_engine": {
                "allocations_per_frame": real["allocations_per_frame"],
                "engine_allocations_per_run": real["engine_allocations_per_run"],
            },
            "bytes_copied_per_frame": real["bytes_copied_per_frame"],
            "machine": here,
        }
    )


if __name__ == "__main__":
    main()
