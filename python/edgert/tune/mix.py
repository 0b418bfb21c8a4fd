"""All models together on some lanes, as the box runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgert.profile.bench import Bench, times


@dataclass(frozen=True)
class Setting:
    """Lanes, and by model the threads of a run."""

    lanes: int
    threads: tuple[tuple[str, int], ...]

    def described(self) -> str:
        """ "2 lanes, 1 thread a run"."""
        counts = sorted({count for _, count in self.threads})
        words = "1 thread" if counts == [1] else f"{' or '.join(map(str, counts))} threads"
        return f"{self.lanes} lane{'' if self.lanes == 1 else 's'}, {words} a run"


@dataclass(frozen=True)
class Taken:
    """What a mix did: rounds of all models a second, and by model what 90 % of its runs took at most."""

    rounds: float
    p90: Mapping[str, float]


def settings(picks: Mapping[str, tuple[int, int]], cores: int, written: Mapping[str, int]) -> list[Setting]:
    """What is worth trying: as the documents say, a lane a core, all cores for each run, and what each
    model liked best alone. `picks`: instances and threads by model; `written`: the documents' threads."""
    alike = [(cores, dict.fromkeys(picks, 1)), (1, dict.fromkeys(picks, cores))]
    liked = (max(each[0] for each in picks.values()), {name: each[1] for name, each in picks.items()})
    ways = [(cores, dict(written)), *alike, liked]
    made = [Setting(lanes, tuple(sorted(threads.items()))) for lanes, threads in ways]
    return list(dict.fromkeys(made))


def measure(benches: Mapping[str, Bench], setting: Setting, seconds: float) -> Taken:
    """Runs every model in turn on each lane, each lane beginning with another one."""
    from edgert import _native

    threads, names = dict(setting.threads), list(benches)
    steps = {
        name: bench.steps(setting.lanes, threads[name], one_run(bench)) for name, bench in benches.items()
    }
    orders = [_turned(names, lane) for lane in range(setting.lanes)]
    lanes = [[steps[name][lane] for name in order] for lane, order in enumerate(orders)]
    found = _native.measure(lanes, seconds=seconds, warm=seconds / 5, least_rounds=2)["lanes"]
    runs: dict[str, list[float]] = {name: [] for name in names}
    for order, lane in zip(orders, found, strict=True):
        for name, one in zip(order, lane["runs"], strict=True):
            runs[name].extend(one)
    rate = sum(len(lane["runs"][0]) / lane["wall"] for lane in found)
    return Taken(rate, {name: float(times(one).p90) for name, one in runs.items()})


def one_run(bench: Bench) -> int:
    """The items of a run as the box does them."""
    return 1 if bench.batch == "free" else int(bench.batch)


def _turned(names: Sequence[str], by: int) -> list[str]:
    at = by % len(names)
    return [*names[at:], *names[:at]]
