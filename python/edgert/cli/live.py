"""What runs, while it runs: a table that is redrawn on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, Protocol

from ..report.outcomes import OUTCOMES, latency
from ..report.savings import dropped

EVERY = 0.5  # s between two pictures of the table
LINE_EVERY = 5.0  # s between two lines
FEW_COLUMNS = 6
FEW = 4  # sensors or pipelines that are said one by one in a line
QUIET = ("", "waiting", "starting", "running")  # states that need no word
REASON = 40  # characters of a reason that are shown
STATE_STYLE = {
    "failed": "red", "stalled": "yellow", "reconnecting": "yellow",
    "ended": "dim", "stopped": "dim", "paused": "dim",
}  # fmt: skip


class View(Protocol):
    """Shows metrics (Runtime.metrics()) now and then."""

    def show(self, metrics: dict[str, Any]) -> None: ...

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def choose(quiet: bool) -> View:
    """The view for this output."""
    if quiet:
        return Quiet()
    return Table() if sys.stdout.isatty() else Lines()


class Quiet:
    """Shows nothing."""

    def show(self, metrics: dict[str, Any]) -> None: ...

    def __enter__(self) -> object:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Lines(Quiet):
    """One line every few seconds, for logs and pipes."""

    def __init__(self, every: float = LINE_EVERY) -> None:
        self._every = every
        self._next = time.monotonic() + every

    def show(self, metrics: dict[str, Any]) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            print(line(metrics), flush=True)


class Table:
    """A table of sensors, pipelines and models."""

    def __init__(self) -> None:
        from rich.live import Live

        self._live = Live(refresh_per_second=1 / EVERY, transient=True)
        self._next = 0.0

    def show(self, metrics: dict[str, Any]) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            self._live.update(tables(metrics))

    def __enter__(self) -> object:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)


def line(metrics: dict[str, Any]) -> str:
    """All in one line: seconds; frames a second of each sensor; results a second and latency (median) of
    each pipeline. Many are summed up."""
    parts = [f"{metrics['uptime_s']:.0f} s", _sensors_said(metrics), _pipelines_said(metrics)]
    return " | ".join(parts + policy_said(metrics))


def policy_said(metrics: Mapping[str, Any]) -> list[str]:
    """ "policy adaptive, table 0.1 s old (load 0.52)", or what is wrong with it; nothing without one."""
    row = metrics.get("policy")
    if row is None:
        return []
    age = row["table_age_s"]
    table = "no table yet" if age is None else f"table {age:.1f} s old"
    more = row["problem"] or row["note"]
    return [f"policy {row['name']}, {table}" + (f" ({more})" if more else "")]


def _sensors_said(metrics: dict[str, Any]) -> str:
    rows = metrics["sensors"]
    if len(rows) > FEW:
        bad = [f"{name} {row['state']}" for name, row in rows.items() if row.get("state", "") not in QUIET]
        total = f"{len(rows)} sensors {sum(row.get('fps', 0) for row in rows.values()):.1f} frames/s"
        return ", ".join([total, *bad])
    return ", ".join(
        f"{name} {row.get('fps', 0):.1f}/s"
        + (f" ({row['state']})" if row.get("state", "") not in QUIET else "")
        for name, row in rows.items()
    )


def _pipelines_said(metrics: dict[str, Any]) -> str:
    rows = metrics["pipelines"]
    if len(rows) > FEW:
        slow = max(rows, key=lambda name: float(rows[name]["latency_ms_p50"]))
        total = f"{len(rows)} pipelines {sum(row['rate'] for row in rows.values()):.1f} results/s"
        total += _not_ok(rows.values())
        return f"{total}, slowest {slow} {latency(rows[slow], digits=0)} ms"
    return ", ".join(
        f"{name} {row['rate']:.1f}/s {latency(row, digits=0)} ms{_not_ok([row])}"
        for name, row in rows.items()
    )


def _not_ok(rows: Collection[Mapping[str, Any]]) -> str:
    """ " (12 dropped, 1 failed)": what makes somebody look. Skipped ones are as the documents want it."""
    sums = {outcome: sum(row[outcome] for row in rows) for outcome in ("late", "dropped", "failed", "stale")}
    told = [f"{count} {outcome}" for outcome, count in sums.items() if count]
    return f" ({', '.join(told)})" if told else ""


def tables(metrics: dict[str, Any]) -> Any:
    """The same as rich tables."""
    from rich.console import Group

    return Group(_sensors(metrics), _pipelines(metrics), _models(metrics), *_policy(metrics))


def _table(title: str, *columns: str) -> Any:
    from rich.table import Table as RichTable

    table = RichTable(title=title, title_justify="left", expand=True)
    table.add_column(columns[0], ratio=3, no_wrap=True)
    ratio = 1 if len(columns) <= FEW_COLUMNS else None  # many: each as narrow as its title, to be read whole
    for name in columns[1:]:
        table.add_column(name, justify="right", ratio=ratio, no_wrap=True)
    return table


def _sensors(metrics: dict[str, Any]) -> Any:
    table = _table(
        f"sensors, after {metrics['uptime_s']:.0f} s", "sensor", "state", "frames", "a second", "dropped"
    )
    for name, row in metrics["sensors"].items():
        state = row.get("state", "")
        lost = sum(dropped(row).values())
        numbers = (str(row.get("frames", 0)), f"{row.get('fps', 0):.1f}", str(lost))
        why = f": {row['reason']}" if row.get("reason") and state not in QUIET else ""
        shown = state + (why if len(why) <= REASON else why[: REASON - 1] + "…")
        table.add_row(name, shown, *numbers, style=STATE_STYLE.get(state, ""))
    return table


def _pipelines(metrics: dict[str, Any]) -> Any:
    table = _table("pipelines", "pipeline", "/s", "ms", "99 % ms", *OUTCOMES)
    for name, row in metrics["pipelines"].items():
        times = (latency(row), latency(row, "p99"))
        counts = (str(row[outcome]) for outcome in OUTCOMES)
        table.add_row(name, f"{row['rate']:.1f}", *times, *counts)
    return table


def _policy(metrics: dict[str, Any]) -> list[Any]:
    from rich.text import Text

    style = "yellow" if (metrics.get("policy") or {}).get("problem") else ""
    return [Text(said, style) for said in policy_said(metrics)]


def _models(metrics: dict[str, Any]) -> Any:
    batches = mean_batches(metrics)
    devices = devices_said(metrics)
    more = (*(("batch",) if batches else ()), *(("on",) if devices else ()))
    table = _table("models", "model", "runs", "wanted", "run ms", "waited ms", *more, "for")
    for row in metrics["nodes"]:
        if row["op"] == "model":
            times = (f"{row['run_ms_mean']:.1f}", f"{row['queue_ms_mean']:.1f}")
            owners = ", ".join(row["applications"])
            name = row.get("label") or row.get("model", row["name"])
            model = row.get("model", row["name"])
            told = [named.get(model, "") for named in (batches, devices) if named]
            table.add_row(name, str(row["executed"]), str(row["demanded"]), *times, *told, owners)
    return table


def devices_said(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Where models run, if one of them may run on several devices: "npu", or "soonest: 71 % npu, 29 % cpu"
    of its runs so far. Empty where none may."""
    if not any(row.get("places") for row in metrics["models"]):
        return {}
    found = {}
    for row in metrics["models"]:
        runs = {place["device"]: place["executed"] for place in row["places"]}
        total = sum(runs.values())
        parts = [f"{count / total:.0%} {name}" for name, count in runs.items() if count]
        found[row["name"]] = row["device"] + (f": {', '.join(parts)}" if len(parts) > 1 else "")
    return found


def mean_batches(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Works a run, of the models that run several as one: "2.4 of 8" at most."""
    found = {}
    for row in metrics["models"]:
        runs = sum(row.get("batches", {}).values())
        if row.get("most_batch", 1) > 1:
            items = sum(items * count for items, count in row.get("batches", {}).items())
            found[row["name"]] = f"{items / runs if runs else 1:.1f} of {row['most_batch']}"
    return found
