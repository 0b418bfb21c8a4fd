"""Features of a stream of sound, computed once for all windows that share a frame.

What streams runs once a chunk, and what is windowed runs once a window. To be compared, the moves here cost
what they take for the sound by which one window goes on from the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..algebra.conversion import Move, conversion
from ..algebra.cost import Cost, stated
from ..algebra.formats import Format, Goal

FLOAT = 4  # bytes
COLUMNS = ("coefficients", "mels", "channels")
"""What says how long a row of features is; the first that is there."""


@conversion("frames.gain")
def gain(given: Format, goal: Goal) -> Iterator[Move]:
    """A fixed gain, of the stream."""
    if _stream(given, goal) and goal["gain"] and not given["gain"] and not given["features"]:
        samples = goal["windows"]["hop"] * FLOAT
        made = {"gain": goal["gain"]}
        yield Move("audio.gain", made, made, cost=_of_hop("audio.gain", samples, samples), per_window=True)


@conversion("frames.features")
def features(given: Format, goal: Goal) -> Iterator[Move]:
    """Rows of features, as their samples come."""
    if not _stream(given, goal) or given["gain"] != goal["gain"] or given["features"] or given["mels"]:
        return
    wanted = goal["features"]
    params = wanted["params"].thawed()
    if wanted["streams"]:
        params["stream"] = True
    cost = _of_hop(wanted["op"], goal["windows"]["hop"] * FLOAT, _rows(wanted))
    made = {"mels" if wanted["then"] else "features": wanted}
    yield Move(wanted["op"], params, made, ("frame",), cost, per_window=True)


@conversion("frames.then")
def then(given: Format, goal: Goal) -> Iterator[Move]:
    """What is computed of the rows as they come."""
    wanted = goal["features"]
    if _stream(given, goal) and given["mels"] == wanted and wanted["then"] and wanted["then"]["stream"]:
        params = wanted["then"]["params"].thawed() | {"stream": True}
        cost = _of_hop(wanted["then"]["op"], _rows(wanted), _rows(wanted))
        made = {"features": wanted, "mels": None}
        yield Move(wanted["then"]["op"], params, made, ("frame",), cost, per_window=True)


@conversion("frames.windows")
def windows(given: Format, goal: Goal) -> Iterator[Move]:
    """Windows of rows of features: views, so that only new rows cost."""
    if not _stream(given, goal):
        return
    later = goal["features"]["then"] and not goal["features"]["then"]["stream"]
    if given["mels" if later else "features"] == goal["features"]:
        means = {"windows": goal["windows"], "rows": True}
        cost = _of_hop("table.window", _rows(goal["features"]), 0)
        yield Move(
            "table.window", goal["features"]["rows"].thawed(), means, ("frame",), cost, per_window=True
        )


def _stream(given: Format, goal: Goal) -> bool:
    if not given["rate"] or given["rate"] != goal["rate"] or given["windows"] or not goal["windows"]:
        return False
    return bool(goal["features"] and goal["features"]["rows"])


def _rows(wanted: Any) -> int:
    """Bytes of the rows that one window has beyond the one before."""
    bins = wanted["params"]["fft"] // 2 + 1 if wanted["params"]["fft"] else 1  # of a spectrum itself
    columns = next((wanted["params"][key] for key in COLUMNS if wanted["params"][key]), bins)
    return int(wanted["rows"]["hop"] * columns * FLOAT)


def _of_hop(op: str, read: int, written: int) -> Cost:
    cost = stated(op)
    return Cost(run=cost.run + cost.read * read + cost.written * written, read=0, written=0)
