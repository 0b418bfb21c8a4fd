"""What each of edgert's ideas is worth, from one model to ten, as SensiX++ (arXiv 2109.03947) was looked at.

    python bench/ablation.py [--models 1,2,5,10] [--twice 5,10] [--rounds 2] [--seconds 2] [--report FILE]

Sides: all on; and one at a time switched off: sharing (each pipeline has nodes and sessions of its own;
frames are still decoded once), single acquisition (each pipeline reads and decodes the sensor by itself, so
nothing else can be shared either), adaptive scheduling (first come, first served, and no policy, in place of
the policy `adaptive`), fusing (pictures become tensors step by step: colours, size, numbers, scale, layout;
bytes between). Each side is a process of its own, in alternating order; their answers are compared, and a
difference fails the run: by at most 1e-4 of an output's greatest value, which is what models that are cut to
share a trunk may differ by (same_bits says of how many answers not even that), or without fusing, which
rounds between the steps, a cosine of 0.99.

Models are added in the order of parts/ablation/work.py, vision and sound mixed, each for an application of
its own (scenario `one`; they share frames and what comes before the models), or for two (`two`, --twice:
the models' runs are shared, too). A round is a 720p frame and 480 ms of sound. Of each side and number of
models:
  rounds_s, cpu_ms (a round, with the policy's process), pss_mib: saturated, all answered;
  p99_ms, p99_quick_ms, missed: at a real rate, --load (0.6) of what all on reached saturated. The models that
  somebody waits for have a bound of 100 ms (p99_quick_ms is of them), the others of 500 ms. What was refused,
  dropped or late is missed, and what was never answered counts as infinitely late (null).
Beside it, bench/parts/ablation/effort.py counts what a change takes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import finish, machine, say
from parts.ablation.effort import effort
from parts.ablation.work import SCENARIOS, SIDES, models
from parts.tenants.work import Kept, camera_file
from tenants import ALIKE, cosine

HERE = Path(__file__).parent
PIECES = 1e-4
"""Of an output's greatest value: what a model in pieces may differ by (docs/feature-sharing.md)."""
Place = tuple[str, int]  # scenario, number of models


class Child:
    """A side's process: saturated first, then at a rate."""

    def __init__(self, side: str, place: Place, frames: int, seconds: float, folder: str) -> None:
        scenario, count = place
        words = ["-m", "parts.ablation.side", side, scenario, count, frames, folder, seconds]
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            cwd=HERE, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def line(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a side's process ended early with code {self.process.wait()}")
        read: dict[str, Any] = json.loads(line)
        return read

    def at(self, rate: float) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(f"{rate}\n")
        self.process.stdin.flush()
        figures = self.line()
        self.process.wait()
        return figures

    def answers(self) -> dict[str, Any]:
        return Kept(self.folder).read()


class Grid:
    """One scenario with one number of models: all sides, round after round."""

    def __init__(self, place: Place, options: argparse.Namespace) -> None:
        self.place, self.options = place, options
        self.frames = max(options.frames, 10 * options.frames // place[1])
        self.rate = 0.0
        self.saturated: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
        self.paced: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        self.answers: dict[str, Any] = {}
        self.least = 1.0
        self.compared = self.same = 0  # answers of the sides that are to be exact

    def round(self, index: int) -> None:
        first, *others = SIDES
        order = [first, *(others if index % 2 == 0 else reversed(others))]
        for side in order:
            with tempfile.TemporaryDirectory() as folder:
                child = Child(side, self.place, self.frames, self.options.seconds, folder)
                figures = child.line()
                self.rate = self.rate or self.options.load * figures["rounds_s"]
                self.saturated[side].append(figures)
                self.paced[side].append(child.at(self.rate))
                self._compare(side, child.answers())
            said = " ".join(f"{key} {value:.1f}" for key, value in figures.items())
            say(f"  {self.place[0]} {self.place[1]:2} {side:14} {said}")

    def _compare(self, side: str, answers: dict[str, Any]) -> None:
        self.answers = self.answers or answers
        if answers.keys() != self.answers.keys():
            raise SystemExit(f"{side}: other answers than all_on's: {len(answers)}, {len(self.answers)}")
        for key, mine in answers.items():
            full = self.answers[key]
            alike = cosine(mine, full)
            if SIDES[side].exact:
                self.compared, self.same = self.compared + 1, self.same + np.array_equal(mine, full)
            if (SIDES[side].exact and not close(mine, full)) or alike < ALIKE:
                raise SystemExit(f"{side}: answer {key} differs from all_on's (cosine {alike:.6f})")
            self.least = min(self.least, alike)

    def figures(self) -> dict[str, Any]:
        return {side: self._of(side) for side in SIDES}

    def _of(self, side: str) -> dict[str, Any]:
        rows, paced = self.saturated[side], self.paced[side]
        return {
            **{key: round(statistics.median(row[key] for row in rows), 2) for key in rows[0]},
            "p99_ms": p99([row["all"] for row in paced]),
            "p99_quick_ms": p99([row["quick"] for row in paced]),
            "missed": round(
                sum(row["all"]["missed"] for row in paced) / sum(row["all"]["asked"] for row in paced), 4
            ),
        }


def close(mine: Any, full: Any) -> bool:
    """Whether two outputs are equal but for what cutting a model may do."""
    if np.shape(mine) != np.shape(full):
        return False
    a, b = np.asarray(mine, np.float64), np.asarray(full, np.float64)
    return bool(np.array_equal(a, b) or np.abs(a - b).max() <= PIECES * np.abs(b).max())


def p99(rows: list[dict[str, Any]]) -> float | None:
    """Of all that was asked, in all rounds; what was never answered is infinitely late."""
    answered = sorted(itertools.chain.from_iterable(row["latency_ms"] for row in rows))
    at = int(0.99 * (sum(row["asked"] for row in rows) - 1))
    return round(answered[at], 2) if at < len(answered) else None


def numbers(text: str) -> list[int]:
    found = [int(word) for word in text.split(",") if word]
    if any(not 1 <= number <= len(models(99)) for number in found):
        raise argparse.ArgumentTypeError(f"{text}: there are 1 to {len(models(99))} models")
    return found


def run(options: argparse.Namespace) -> dict[str, Any]:
    camera_file(120, live=True)
    counts = {"one": options.models, "two": options.twice}
    places = [Grid((scenario, count), options) for scenario in SCENARIOS for count in counts[scenario]]
    began = time.monotonic()
    for index in range(options.rounds):
        say(f"round {index + 1} of {options.rounds}, after {time.monotonic() - began:.0f} s")
        for place in places:
            place.round(index)
    figures: dict[str, Any] = {scenario: {} for scenario in SCENARIOS}
    for place in places:
        figures[place.place[0]][str(place.place[1])] = {
            "rate": round(place.rate, 2), "sides": place.figures(),
        }  # fmt: skip
    same = sum(place.same for place in places) / sum(place.compared for place in places)
    return {**figures, "least_cosine": min(place.least for place in places), "same_bits": round(same, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", type=numbers, default=[1, 2, 5, 10])
    parser.add_argument("--twice", type=numbers, default=[5, 10])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--frames", type=int, default=60, help="of ten models; more of fewer")
    parser.add_argument("--seconds", type=float, default=2.0, help="at the real rate")
    parser.add_argument("--load", type=float, default=0.6)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--from", dest="read", type=Path, help="a stored result, for --report alone")
    options = parser.parse_args()
    if options.read:
        figures = json.loads(options.read.read_text())
    else:
        here = machine()
        figures = {**run(options), "effort": effort(), "machine": here}
    if options.report:
        from parts.ablation.page import write

        write(options.report, figures)
    finish(figures)


if __name__ == "__main__":
    main()
