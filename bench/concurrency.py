"""What concurrent runs, batches and threads bring, and whether `edgert tune` finds it.

    python bench/concurrency.py [--rounds 3] [--seconds 0.4] [--models NAME …]

For five models of the zoo: throughput of every point of instances × batch × threads on this box, over that
of one instance with batch 1 and the engine's own defaults, in the engine's own Python package (onnxruntime;
for TensorFlow Lite ai-edge-litert with XNNPACK, as it comes). best_gain: the best point's, by model.
tuner_vs_best: what `edgert tune` picks, over the grid's best, measured again in turns with it; the least, and
by model. Rounds are short and alternate, and of each side the best one counts: what disturbs a round makes it
slower, never faster. The answers of both sides must agree. weights_mib: memory of the first instance, and of
each further one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import finish, machine, pss_mib, say
from edgert.profile import Grid, default_grid, subjects
from edgert.profile.bench import Bench
from edgert.profile.box import usable_cores
from edgert.profile.grid import Place
from edgert.profile.measuring import described
from edgert.tune import Search

MODELS = (
    "face-detection-short",
    "efficientnet-lite0",
    "efficientnet-lite0-int8",
    "yamnet",
    "ssd-mobilenetv2-oidv4",
)
TOLERANCE = 2e-2  # of the greatest value: engines of two versions, and other kernels by threads
INSTANCES = 4  # whose memory is looked at


def onnx_defaults(file: str, feeds: dict[str, Any]) -> Callable[[], list[Any]]:
    """One run by onnxruntime as it comes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return lambda: list(session.run(None, feeds))


def tflite_defaults(file: str, feeds: dict[str, Any]) -> Callable[[], list[Any]]:
    """One run by TensorFlow Lite's own package as it comes."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(file)
    interpreter.allocate_tensors()
    given, said = interpreter.get_input_details(), interpreter.get_output_details()

    def run() -> list[Any]:
        for tensor in given:
            interpreter.set_tensor(tensor["index"], feeds[tensor["name"]])
        interpreter.invoke()
        return [interpreter.get_tensor(tensor["index"]) for tensor in said]

    return run


def rate(run: Callable[[], Any], seconds: float) -> float:
    """Runs a second."""
    run()
    began, runs = time.perf_counter(), 0
    while time.perf_counter() - began < seconds or runs < 3:
        run()
        runs += 1
    return runs / (time.perf_counter() - began)


def check_answers(name: str, bench: Bench, theirs: list[Any]) -> None:
    """Ends the benchmark when the two sides don't give the same answers."""
    session, feeds = bench.steps(1, 1, 1)[0]
    ours = list(session.run(feeds).values())
    if len(ours) != len(theirs):
        raise SystemExit(f"{name}: {len(ours)} outputs, and the engine's own package gives {len(theirs)}")
    for mine in ours:  # packages don't agree on the outputs' order
        alike = [other for other in theirs if other.shape == mine.shape]
        scale = max(float(np.abs(mine.astype(np.float64)).max()), 1e-6)
        away = [float(np.abs(mine.astype(np.float64) - other.astype(np.float64)).max()) for other in alike]
        if not away or min(away) > max(TOLERANCE * scale, 1.0 if mine.dtype.kind in "iu" else 0.0):
            raise SystemExit(f"{name}: the answers differ by {min(away, default=np.inf):g} of {scale:g}")


def one_model(name: str, rounds: int, seconds: float) -> dict[str, Any]:
    """The grid, the engine's defaults and the tuner, in alternating rounds."""
    (subject,) = subjects([f"zoo:{name}"])
    bench = Bench(subject)
    feeds = bench.inputs.of(1)
    make = onnx_defaults if bench.backend == "onnxruntime" else tflite_defaults
    engine = make(str(subject.file), feeds)
    check_answers(name, bench, engine())
    cores = usable_cores()
    usual = default_grid(cores)
    grid = Grid(sorted({*usual.instances, cores * 2}), usual.threads, usual.batch, full=False)
    places = grid.places(bench.batch, cores)
    base: list[float] = []
    seen: dict[Place, list[float]] = {place: [] for place in places}
    for turn in range(rounds):
        base.append(rate(engine, seconds))
        for place in places if turn % 2 == 0 else reversed(places):
            seen[place].append(bench.measure(*place, seconds=seconds).throughput)
    best = max(places, key=lambda place: max(seen[place]))
    pick = Search(bench, cores).run().place
    final: dict[Place, list[float]] = {best: [], pick: []}
    for turn in range(rounds * 2):
        base.append(rate(engine, seconds))
        for place in (best, pick) if turn % 2 == 0 else (pick, best):
            final[place].append(bench.measure(*place, seconds=seconds).throughput)
    rates = {place: max(values) for place, values in final.items()}
    figures = {
        "engine_defaults": round(max(base), 2),
        "best": described(best),
        "best_gain": round(rates[best] / max(base), 3),
        "picked": described(pick),
        "picked_gain": round(rates[pick] / max(base), 3),
        "tuner_vs_best": round(rates[pick] / rates[best], 3),
        "grid": {described(place): round(max(values), 1) for place, values in seen.items()},
    }
    say(
        f"  {name}: best {figures['best']} ({figures['best_gain']:.2f} × the engine's defaults), "
        f"picked {figures['picked']} ({figures['tuner_vs_best']:.3f} of the best)"
    )
    return figures


def memory(name: str) -> dict[str, float]:
    """MiB of the first instance, and of each further one: in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory-of", name], check=True, capture_output=True, text=True
    )
    first, more = (float(word) for word in done.stdout.split())
    return {"first": round(first, 1), "each_further": round(more, 2)}


def memory_of(name: str) -> None:
    """Prints what memory() reads."""
    import ctypes

    def now() -> float:
        ctypes.CDLL(None).malloc_trim(0)
        return pss_mib()

    (subject,) = subjects([f"zoo:{name}"])
    warm = Bench(subjects(["zoo:silero-vad" if subject.file.suffix == ".onnx" else "zoo:wake-alexa"])[0])
    warm.measure(1, 1, 1, 0.01)
    before = now()
    bench = Bench(subject)
    bench.measure(1, 1, 1, 0.01)
    first = now()
    bench.measure(INSTANCES, 1, 1, 0.01)
    print(first - before, (now() - first) / (INSTANCES - 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        memory_of(options.memory_of)
        return
    here = {**machine(), "usable_cores": usable_cores()}
    found = {name: one_model(name, options.rounds, options.seconds) for name in options.models}
    finish(
        {
            "best_gain": {name: one["best_gain"] for name, one in found.items()},
            "tuner_vs_best": min(one["tuner_vs_best"] for one in found.values()),
            "tuner_vs_best_by_model": {name: one["tuner_vs_best"] for name, one in found.items()},
            "weights_mib": {name: memory(name) for name in options.models},
            "models": found,
            "machine": here,
        }
    )


if __name__ == "__main__":
    main()
