"""What sharing saves, and that it changes no answer.

    python bench/sharing.py [--rounds 5] [--only NAME …]

Each field runs the same documents shared and unshared, in turns, over the same recording as fast as it
goes, on one lane, and compares the process's CPU time within each round: the median of the rounds counts,
since what else runs on the machine meets all sides of a round alike. The results of both sides must be equal.

yamnet_pair: yamnet, and its trunk with a bicycle bell's head in a file of its own, all names changed.
classifier_pair: efficientnet-lite0, and the same with another last block. keyword_heads: six keyword heads on
one backbone that computes an embedding every 80 ms; keyword_wholes: the same six heads, each in one file with
mel spectrogram and backbone, which sharing has to find. Of each: cost_ratio, the cost of a runtime for each
model over that of one runtime with all; same_runtime_ratio, with all in one runtime, sharing of trunks off
over on; cpu_s, the least of the rounds; max_difference, the most that an output differs, as a part of its
greatest value (0: bit for bit).

static_scene: the cost of a detector on a street camera that runs only when the scene changed, over one that
runs on each frame, what is lost, and the curve. cache: requests with equal content. ten_apps: ten
applications with the same pipelines over one. compile_1000: planning 1,000 pipelines. The heads of scene.py,
cache.py, apps.py and planning.py in parts/sharing/ say what their fields mean.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from common import alternate, finish, machine, say
from edgert import Runtime
from edgert.documents import DocumentSet, read
from parts.sharing import apps, cache, models, planning, scene

ALLOWED = 1e-4  # of the greatest value, as edgert.trunks allows
POLL = 0.02  # s
FRAMES = 60  # of each run of ten_apps
Documents = list[dict[str, Any]]


@dataclass
class Case:
    """Models on one sensor: `shared` documents of all, and of each the pipeline that wants it."""

    common: Documents
    pipelines: Documents
    least: float
    """The ratio that is to be reached."""
    times: int = 1
    """Rounds, for each that is asked for: short ones need more."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    names = [*CASES, *OTHERS]
    parser.add_argument("--only", nargs="*", default=names, choices=names, metavar="NAME")
    given = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine()}
    for name in given.only:
        if name in CASES:
            figures[name] = compared(name, CASES[name](), given.rounds)
        else:
            figures |= OTHERS[name](given.rounds)
    finish(figures)


def compared(name: str, case: Case, rounds: int) -> dict[str, Any]:
    """Costs of the sides and how their answers differ."""
    everything = deployed(case.common, case.pipelines)
    alone = [deployed(case.common, [pipeline]) for pipeline in case.pipelines]
    answers: dict[str, dict[str, Any]] = {}

    def side(label: str, sets: Iterable[DocumentSet], trunks: bool) -> Callable[[], float]:
        def run() -> float:
            found: dict[str, Any] = {}
            cost = sum(ran(documents, trunks, found) for documents in sets)
            answers[label] = found
            return cost

        return run

    sides = {
        "shared": side("shared", [everything], True),
        "whole": side("whole", [everything], False),
        "alone": side("alone", alone, False),
    }
    for run in sides.values():
        run()
    costs = alternate(rounds * case.times, sides)
    cost = {label: min(values) for label, values in costs.items()}
    ratio = {
        label: statistics.median(a / b for a, b in zip(costs[label], costs["shared"], strict=True))
        for label in ("alone", "whole")
    }
    differs = max(difference(answers["alone"], answers[label]) for label in ("shared", "whole"))
    if differs > ALLOWED:
        raise SystemExit(f"{name}: shared and unshared runs differ by {differs:.2g} of the greatest value")
    found = {
        "cost_ratio": round(ratio["alone"], 3),
        "same_runtime_ratio": round(ratio["whole"], 3),
        "to_reach": case.least,
        "cpu_s": {label: round(value, 4) for label, value in cost.items()},
        "results": sum(len(each) for each in answers["shared"].values()),
        "max_difference": differs,
    }
    say(f"{name}: {found}")
    return found


def deployed(common: Documents, pipelines: Documents) -> DocumentSet:
    """The documents as they would stand in a file."""
    place = models.folder() / "sharing.yaml"
    place.write_text(yaml.safe_dump_all([*common, *pipelines]), encoding="utf-8")
    return read(place)


def ran(documents: DocumentSet, trunks: bool, answers: dict[str, Any]) -> float:
    """CPU seconds from the start to the last result."""
    runtime = Runtime(documents, lanes=1, trunks=trunks)
    collected: dict[str, list[Any]] = {title: [] for title in runtime.plan.pipelines}

    def keep(result: Any) -> None:
        if result.status != "ok":
            raise SystemExit(f"{result.pipeline}: {result.status}: {result.error}")
        collected[result.pipeline] += [
            (result.media_time, copied(value)) for value in result.outputs.values()
        ]

    runtime.on_result(None, keep)
    began = time.process_time()
    with runtime:
        while not runtime.finished:
            time.sleep(POLL)
    cost = time.process_time() - began
    for name, rows in collected.items():
        answers[name] = sorted(rows, key=lambda row: row[0])
    return cost


def copied(value: Any) -> list[Any]:
    """An output's arrays."""
    if value is None:
        return []
    return [np.array(each) for _, each in value] if isinstance(value, list) else [np.array(value)]


def difference(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The most that answers differ, as a part of the greatest value of all; infinite where one lacks any."""
    most, greatest = 0.0, 1e-6
    for name, rows in one.items():
        for first, second in itertools.zip_longest(rows, other[name]):
            if first is None or second is None or first[0] != second[0] or len(first[1]) != len(second[1]):
                return float("inf")
            for a, b in zip(first[1], second[1], strict=True):
                if a.shape != b.shape:
                    return float("inf")
                if a.size:
                    most = max(most, float(np.abs(a - b).max()))
                    greatest = max(greatest, float(np.abs(a).max()))
    return most / greatest


# ---- the cases


def yamnet_pair() -> Case:
    features = {
        "fft": 512, "window": "25ms", "hop": "10ms", "window_type": "hann", "mels": 64,
        "low": 125, "high": 7500, "mel_scale": "htk", "power": 1, "log": "ln", "log_offset": 0.001,
    }  # fmt: skip
    audio = {"rate": "16kHz", "window": "975ms", "hop": "480ms", "features": {"log_mel": features}}
    common = [sensor("zoo:street-recording"), model("bell", models.bell_whole(), audio)]
    pipelines = [pipeline("sounds", "zoo:yamnet", "sounds.scores"), pipeline("bells", "bell")]
    return Case(common, pipelines, 1.9, times=4)


def classifier_pair() -> Case:
    picture = {"size": 224, "layout": "nchw", "fit": "centre_crop", "mean": 127, "deviation": 128}
    camera = {"type": "synthetic", "pattern": "moving", "width": 320, "height": 240, "rate": 30, "count": 120}
    common: Documents = [
        {"kind": "Sensor", "name": "sensor", "source": {**camera, "speed": "max"}},
        {
            "kind": "Model",
            "name": "tuned",
            "file": str(models.tuned_classifier()),
            "input": {"image": picture},
        },
    ]
    pipelines = [pipeline("stock", "zoo:efficientnet-lite0", "stock.logits"), pipeline("own", "tuned")]
    return Case(common, pipelines, 1.7)


def keyword_heads() -> Case:
    """As documents say it best: every step once, heads over windows of embeddings."""
    from parts.sharing import keywords

    say(f"keyword heads: {keywords.train()}")
    windows = {"columns": 96, "window": 16, "hop": 1, "rate": 12.5, "shape": [1, 16, 96]}
    common, pipelines = [sensor("zoo:speech-sense")], []
    for word in keywords.HEADS:
        file = models.folder() / f"keyword-{word}.onnx"
        common.append(
            {
                "kind": "Model",
                "name": word,
                "file": str(file),
                "input": {"features": windows},
                "answer": {"type": "probability"},
            }
        )
        steps = [
            {"name": "mel", "model": "zoo:keyword-melspectrogram"},
            {"name": "embedding", "model": "zoo:keyword-embedding", "from": "mel"},
            {"name": "word", "model": word, "from": "embedding"},
        ]
        pipelines.append({"kind": "Pipeline", "name": word, "sensor": "sensor", "steps": steps})
    return Case(common, pipelines, 4.5)


def keyword_wholes() -> Case:
    """As six models that know nothing of each other."""
    from parts.sharing import keywords

    keywords.train()
    audio = {"rate": "16kHz", "window": models.SAMPLES, "hop": 1280, "gain": 32767}
    common, pipelines = [sensor("zoo:speech-sense")], []
    for word in keywords.HEADS:
        common.append(model(word, models.keyword_whole(word), audio))
        pipelines.append(pipeline(word, word))
    return Case(common, pipelines, 4.5)


def sensor(path: str) -> dict[str, Any]:
    return {
        "kind": "Sensor",
        "name": "sensor",
        "source": {"type": "audio", "path": path, "chunk": "4.8s", "speed": "max"},
    }


def model(name: str, file: Path, audio: dict[str, Any]) -> dict[str, Any]:
    about = {"input": {"audio": audio}, "answer": {"type": "probability"}}
    return {"kind": "Model", "name": name, "file": str(file), **about}


def pipeline(name: str, of: str, output: str | None = None) -> dict[str, Any]:
    more = {"outputs": [output]} if output else {}
    return {
        "kind": "Pipeline",
        "name": name,
        "sensor": "sensor",
        "steps": [{"name": name, "model": of}],
        **more,
    }


CASES: dict[str, Callable[[], Case]] = {
    "yamnet_pair": yamnet_pair,
    "classifier_pair": classifier_pair,
    "keyword_heads": keyword_heads,
    "keyword_wholes": keyword_wholes,
}
OTHERS: dict[str, Callable[[int], dict[str, Any]]] = {
    "static_scene": lambda rounds: {"static_scene": scene.static_scene(rounds)},
    "cache": lambda _: cache.figures(),
    "ten_apps": lambda rounds: apps.measure(FRAMES, min(rounds, 3)),
    "compile_1000": lambda _: planning.measure(),
}

if __name__ == "__main__":
    main()
