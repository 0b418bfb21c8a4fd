"""Chunks of sound to windows of samples or of features."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.conversion import Move, conversion
from ..algebra.cost import Cost, declare
from ..algebra.formats import Format, Goal

declare("audio.convert", Cost(run=120, read=0.05, written=0.05))
declare("audio.window", Cost(run=400, read=0.02, written=0.02))
declare("audio.gain", Cost(run=300, read=0.1, written=0.1))
declare("audio.log_mel", Cost(run=300, read=0.02, written=0.9))
declare("audio.mfcc", Cost(run=300, read=0.4, written=1.2))
declare("audio.stft", Cost(run=300, read=0.02, written=0.2))
declare("audio.pcen", Cost(run=300, read=4.7, written=4.7))
declare("audio.micro_frontend", Cost(run=2000, read=0.1, written=5.0))
RESAMPLED = Cost(run=500, read=0.2, written=0.8)


@conversion("sound.samples")
def samples(given: Format, goal: Goal) -> Iterator[Move]:
    """One channel of float32 at the wanted rate."""
    if given.kind == "audio" and goal["rate"]:
        rate = goal["rate"]
        cost = None if given.spec["rate"] == rate else RESAMPLED
        yield Move("audio.convert", {"rate": rate}, {"rate": rate}, cost=cost)


@conversion("sound.windows")
def windows(given: Format, goal: Goal) -> Iterator[Move]:
    """Windows of samples."""
    untouched = not any(given[fact] for fact in ("windows", "gain", "features", "mels"))
    if given["rate"] and given["rate"] == goal["rate"] and goal["windows"] and untouched:
        means = {"windows": goal["windows"], "rows": True}
        yield Move("audio.window", goal["windows"].thawed(), means, ("frame",))


@conversion("sound.gain")
def gain(given: Format, goal: Goal) -> Iterator[Move]:
    """A fixed gain first, then each window's own."""
    if not _window_of_sound(given, goal) or given["features"] or given["mels"]:
        return
    if goal["gain"] and not given["gain"]:
        yield Move("audio.gain", {"gain": goal["gain"]}, {"gain": goal["gain"]})
    elif goal["peak"] and not given["peak"]:
        yield Move("audio.gain", {"peak": goal["peak"]}, {"peak": goal["peak"]})


@conversion("sound.features")
def features(given: Format, goal: Goal) -> Iterator[Move]:
    """What is computed of a window, once its samples are as wanted."""
    wanted = goal["features"]
    if not wanted or wanted["follows"]:
        return
    ready = given["gain"] == goal["gain"] and given["peak"] == goal["peak"]
    if _window_of_sound(given, goal) and ready and not given["features"] and not given["mels"]:
        made = {"mels" if wanted["then"] else "features": wanted}
        yield Move(wanted["op"], wanted["params"].thawed(), made)


@conversion("sound.then")
def then(given: Format, goal: Goal) -> Iterator[Move]:
    """What is computed of a window's rows."""
    wanted = goal["features"]
    if wanted and wanted["then"] and _window_of_sound(given, goal) and given["mels"] == wanted:
        yield Move(
            wanted["then"]["op"], wanted["then"]["params"].thawed(), {"features": wanted, "mels": None}
        )


def _window_of_sound(given: Format, goal: Goal) -> bool:
    return bool(given["rate"] and given["windows"] == goal["windows"] and not given["rows"])
