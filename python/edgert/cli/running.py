"""Running documents from the command line, with a view, until they end, time is up, or Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..life.states import TROUBLE
from . import FAILED
from .live import View
from .reasons import Reasons

if TYPE_CHECKING:
    from ..runtime import Runtime
    from ..sinks import Sink

TURN = 0.1  # s
LOST = frozenset(map(str, TROUBLE))
CALLBACK = "callback of "  # so begins Failure.where when a sink raised
Watch = Callable[[dict[str, Any]], None]


def run_until_done(
    runtime: Runtime,
    sinks: Sequence[Sink],
    view: View,
    duration: float | None,
    watch: Watch | None = None,
    reasons: Reasons | None = None,
) -> bool:
    """Runs; `watch` gets the metrics now and then, `reasons` counts what failed. False: ended by Ctrl-C or
    SIGTERM. The runtime is stopped, sinks are closed."""
    watching: list[Sink] = [*sinks, reasons or Reasons()]
    for sink in watching:
        runtime.on_result(None, sink)
    to_the_end = True
    try:
        with _terminated_as_interrupted(), runtime, view:
            _follow(runtime, view, duration, watch)
    except KeyboardInterrupt:
        to_the_end = False
        runtime.stop()
    finally:
        _close(runtime, sinks)
    return to_the_end


@contextmanager
def traced(runtime: Runtime, path: Path | None) -> Iterator[None]:
    """Traces the run in the block into this file, if any, and says so on standard error. One that can't be
    written counts as a failed output."""
    if path is None:
        yield
        return
    runtime.start_trace()
    try:
        yield
    finally:
        try:
            click.echo(runtime.stop_trace(path), err=True)
        except OSError as error:
            _failed(runtime, "trace", error)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM, as services and containers are stopped with, ends a run as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _follow(runtime: Runtime, view: View, duration: float | None, watch: Watch | None) -> None:
    until = None if duration is None else time.monotonic() + duration
    told, troubles = 0, Troubles()
    while not runtime.wait(TURN) and (until is None or time.monotonic() < until):
        metrics = runtime.metrics()
        view.show(metrics)
        if watch is not None:
            watch(metrics)
        told = _tell(runtime, told)
        troubles.tell(metrics["sensors"])
        if any(failure.where.startswith(CALLBACK) for failure in runtime.failures):
            break  # an output that can't be written: going on would be for nobody
    _tell(runtime, told)


class Troubles:
    """Says, on standard error, that a sensor is stalled or lost and tried again, and when it is back."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}  # sensor -> reason

    def tell(self, sensors: dict[str, Any]) -> None:
        """Of each sensor what is new."""
        for name, row in sensors.items():
            state, reason = row.get("state"), row.get("reason", "")
            if state in LOST and self._told.get(name) != reason:
                self._told[name] = reason
                click.secho(f"sensor {name} is {state}: {reason}", err=True, fg="yellow")
            elif state == "running" and self._told.pop(name, None) is not None:
                click.secho(f"sensor {name} is back", err=True)


def _tell(runtime: Runtime, told: int) -> int:
    """Says failures at once, on standard error; the others go on."""
    for failure in runtime.failures[told:]:
        where = failure.where.replace(CALLBACK, "output of ")
        click.secho(f"{where} failed: {failure.what}", err=True, fg="red")
    return len(runtime.failures)


def _close(runtime: Runtime, sinks: Sequence[Sink]) -> None:
    for sink in sinks:
        try:
            sink.close()
        except Exception as error:  # an output that can't be finished doesn't spoil the others
            _failed(runtime, type(sink).__name__, error)


def _failed(runtime: Runtime, where: str, error: Exception) -> None:
    from ..runtime import Failure

    runtime.failures.append(Failure(where, str(error)))
    _tell(runtime, len(runtime.failures) - 1)


def exit_code(runtime: Runtime) -> int:
    """0, or 3 when a sensor, a model or an output failed, or a sensor was away when the run ended."""
    metrics = runtime.metrics()
    failed = sum(node["failed"] for node in metrics["nodes"])
    away = any(map(_away, metrics["sensors"].values()))
    return FAILED if runtime.failures or failed or away else 0


def _away(row: Mapping[str, Any]) -> bool:
    """Whether a sensor was lost at the end, or was looked for and never came. One that came back is there."""
    never = bool(row.get("tries")) and not row.get("frames")
    return never or bool(row.get("trouble"))
