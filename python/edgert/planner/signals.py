"""From sounds, tables and other steps' outputs to a model's input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgert.documents import AudioInput, Duration, FeaturesInput, Refused, TableInput
from edgert.documents.errors import did_you_mean

from . import streams
from .native import Builder, Params, Value, described, frame_described
from .shapes import as_float, shaped, typed
from .streams import samples_in


def sound(builder: Builder, audio: AudioInput, tensor: Mapping[str, Any], frame: Value) -> Value:
    """The input tensor, once a window of sound."""
    rate = streams.whole_rate(audio.rate)
    params = _window(audio.window, audio.hop, audio.rate, "audio")
    params["pad_start"] = samples_in(audio.pad_start, audio.rate, ("audio", "pad_start"))
    value = builder.transform("audio.convert", {"rate": rate}, [frame])
    frames = streams.rows_of(audio, params)
    if frames is not None:
        value = streams.collected(builder, audio, frames, value, frame)
    else:
        value = builder.region(builder.transform("audio.window", params, [value, frame]))
        if audio.gain is not None:
            value = builder.transform("audio.gain", {"gain": audio.gain}, [value])
        if audio.peak is not None:
            value = builder.transform("audio.gain", {"peak": audio.peak}, [value])
        if audio.features:
            operation, feature_params = streams.feature_params(audio)
            value = builder.transform(operation, feature_params, [value])
    return typed(builder, shaped(builder, value, tensor, audio.shape), tensor, audio, "audio")


def rows(builder: Builder, table: TableInput, tensor: Mapping[str, Any], frame: Value) -> Value:
    """The input tensor, once a window of rows."""
    columns = _columns(table, frame.spec)
    rate = float(frame.spec.get("rate") or 0)
    if table.rate is not None and rate and table.rate != rate:
        wants = f"the model wants {table.rate:g} rows a second"
        what = f"{wants}, and the sensor gives {frame_described(frame.spec)}"
        raise Refused(what, "tables aren't resampled: give the sensor that rate", ("table", "rate"))
    value = builder.transform("table.select", {"columns": columns}, [frame])
    params = _window(table.window, table.hop, table.rate or rate, "table")
    value = builder.region(builder.transform("table.window", params, [value, frame]))
    if table.magnitude:
        value = builder.transform("table.magnitude", {}, [value])
    value = _scaled(builder, value, table)
    if table.layout == "columns":
        value = builder.transform("tensor.transpose", {"axes": [1, 0]}, [value])
    return typed(builder, shaped(builder, value, tensor, table.shape), tensor, table, "table")


def features(
    builder: Builder, wanted: FeaturesInput, tensor: Mapping[str, Any], given: Value, frame: Value
) -> Value:
    """The input tensor from another step's output: as it is, or windows of its rows."""
    value = given
    if wanted.window is not None:
        value = _collected(builder, wanted, as_float(builder, value), frame)
    if wanted.mean is not None or wanted.deviation is not None:
        value = _scaled(builder, as_float(builder, value), wanted)
    return typed(builder, shaped(builder, value, tensor, wanted.shape), tensor, wanted, "features")


def _collected(builder: Builder, wanted: FeaturesInput, value: Value, frame: Value) -> Value:
    columns = wanted.columns or int(value.spec["shape"][-1])
    if columns < 1:
        what = f"the length of a row can't be told from {described(value.spec)}"
        raise Refused(what, "say columns", ("features",))
    if len(value.spec["shape"]) != 2 or value.spec["shape"][-1] != columns:
        value = builder.transform("tensor.reshape", {"shape": [-1, columns]}, [value])
    while value.scope != frame.scope:
        value = builder.gather(value, stack=False)
    params: Params = {
        "size": wanted.window,
        "hop": wanted.hop or wanted.window,
        "rate": wanted.rate or 1.0,
    }
    result: Value = builder.region(builder.transform("table.window", params, [value]))
    return result


def _scaled(builder: Builder, value: Value, wanted: TableInput | FeaturesInput) -> Value:
    if wanted.mean is None and wanted.deviation is None:
        return value
    params: Params = {"mean": wanted.mean or [0.0], "deviation": wanted.deviation or [1.0]}
    result: Value = builder.transform("table.scale", params, [value])
    return result


def _columns(table: TableInput, format: Mapping[str, Any]) -> list[str]:
    known = list(format.get("columns", []))
    for index, name in enumerate(table.columns or ()):
        if name not in known:
            what = f"the sensor has no column {name!r}"
            raise Refused(what, did_you_mean(name, known, "it has"), ("table", "columns", index))
    return table.columns or known


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
