"""From sounds, tables and other steps' outputs to a model's input: what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgert.documents import AudioInput, Duration, FeaturesInput, Refused, TableInput
from edgert.documents.errors import did_you_mean

from .algebra import Built, Goal, build
from .native import Builder, Params, Value, described, frame_described
from .shapes import encoding
from .streams import features_of, samples_in, whole_rate


def sound(builder: Builder, audio: AudioInput, tensor: Mapping[str, Any], frame: Value) -> Built:
    """The chain to the input tensor, once a window of sound. Raises Refused."""
    windows = _window(audio.window, audio.hop, audio.rate, "audio")
    windows["pad_start"] = samples_in(audio.pad_start, audio.rate, ("audio", "pad_start"))
    meaning = {
        "rate": whole_rate(audio.rate),
        "windows": windows,
        "gain": audio.gain,
        "peak": audio.peak,
        "features": features_of(audio, windows),
        "declared": audio.shape,
    }
    goal = Goal.of(tensor, meaning, **encoding(audio, tensor, "audio"))
    return build(builder, frame, goal, {"frame": frame})


def rows(builder: Builder, table: TableInput, tensor: Mapping[str, Any], frame: Value) -> Built:
    """The chain to the input tensor, once a window of rows. Raises Refused."""
    columns = _columns(table, frame.spec)
    rate = float(frame.spec.get("rate") or 0)
    if table.rate is not None and rate and table.rate != rate and table.resample is None:
        wants = f"the model wants {table.rate:g} rows a second"
        what = f"{wants}, and the sensor gives {frame_described(frame.spec)}"
        raise Refused(what, "say resample: {} here, or give the sensor that rate", ("table", "rate"))
    meaning = {
        "columns": columns,
        "resampled": _resampled(table, columns, frame.spec),
        "windows": _window(table.window, table.hop, table.rate or rate, "table"),
        "magnitude": table.magnitude or None,
        "scaling": _scaling(table),
        "order": "columns" if table.layout == "columns" else None,
        "declared": table.shape,
    }
    goal = Goal.of(tensor, meaning, **encoding(table, tensor, "table"))
    return build(builder, frame, goal, {"frame": frame})


def features(
    builder: Builder, wanted: FeaturesInput, tensor: Mapping[str, Any], given: Value, frame: Value
) -> Built:
    """The chain to the input tensor from another step's output: as it is, or windows of its rows."""
    meaning = {
        "collected": _collected(wanted, given) if wanted.window is not None else None,
        "scaling": _scaling(wanted),
        "declared": wanted.shape,
    }
    goal = Goal.of(tensor, meaning, **encoding(wanted, tensor, "features"))
    return build(builder, given, goal, {"frame": frame}, inner=given.scope != frame.scope or None)


def _collected(wanted: FeaturesInput, value: Value) -> Params:
    columns = wanted.columns or int(value.spec["shape"][-1])
    if columns < 1:
        what = f"the length of a row can't be told from {described(value.spec)}"
        raise Refused(what, "say columns", ("features",))
    window: Params = {
        "size": wanted.window,
        "hop": wanted.hop or wanted.window,
        "rate": wanted.rate or 1.0,
    }
    return {"columns": columns, "window": window}


def _scaling(wanted: TableInput | FeaturesInput) -> Params | None:
    if wanted.mean is None and wanted.deviation is None:
        return None
    return {"mean": wanted.mean or [0.0], "deviation": wanted.deviation or [1.0]}


def _resampled(table: TableInput, columns: list[str], format: Mapping[str, Any]) -> Params | None:
    """`params` of table.resample, and the `column` of times that comes behind the others, or None."""
    if table.resample is None:
        return None
    time, known = table.resample.time, list(format.get("columns", []))
    if time is not None and time not in known:
        what = f"the sensor has no column {time!r}"
        raise Refused(what, did_you_mean(time, known, "it has"), ("table", "resample", "time"))
    params: Params = {"rate": float(table.rate or 0), "method": table.resample.method}
    if table.resample.longest_gap is not None:
        params["longest_gap"] = float(table.resample.longest_gap)
    if time is not None:
        params["time"] = len(columns)
    return {"params": params, "column": time}


def _columns(table: TableInput, format: Mapping[str, Any]) -> list[str]:
    known = list(format.get("columns", []))
    for index, name in enumerate(table.columns or ()):
        if name not in known:
            what = f"the sensor has no column {name!r}"
            raise Refused(what, did_you_mean(name, known, "it has"), ("table", "columns", index))
    times = table.resample.time if table.resample else None
    return table.columns or [name for name in known if name != times]


def _window(size: int | Duration, hop: int | Duration | None, rate: float, kind: str) -> Params:
    if not rate and (isinstance(size, Duration) or isinstance(hop, Duration)):
        raise Refused(
            "the window is a duration, and the sensor's rate isn't known", "say it in rows", (kind, "window")
        )
    length = samples_in(size, rate, (kind, "window"))
    step = length if hop is None else samples_in(hop, rate, (kind, "hop"))
    for key, value in (("window", length), ("hop", step)):
        if value < 1:
            raise Refused(f"{key} is empty", "write at least 1", (kind, key))
    return {"size": length, "hop": step, "rate": float(rate)}
