"""From sounds, tables and other steps' outputs to a model's input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgert.documents import AudioInput, Duration, FeaturesInput, Refused, TableInput
from edgert.documents.errors import did_you_mean
from edgert.documents.features import LogMel
from edgert.documents.units import samples

from .native import Builder, Params, Value, described, frame_described
from .shapes import as_float, shaped, typed


def sound(builder: Builder, audio: AudioInput, tensor: Mapping[str, Any], frame: Value) -> Value:
    """The input tensor, once a window of sound."""
    rate = whole_rate(audio.rate)
    params = _window(audio.window, audio.hop, audio.rate, "audio")
    params["pad_start"] = _samples(audio.pad_start, audio.rate, ("audio", "pad_start"))
    value = builder.transform("audio.convert", {"rate": rate}, [frame])
    windows = builder.transform("audio.window", params, [value, frame])
    value = builder.region(windows)
    if audio.gain is not None:
        value = builder.transform("audio.gain", {"gain": audio.gain}, [value])
    if audio.peak is not None:
        value = builder.transform("audio.gain", {"peak": audio.peak}, [value])
    if audio.features:
        value = _features(builder, audio, value)
    return typed(builder, shaped(builder, value, tensor, audio.shape), tensor, audio, "audio")


def whole_rate(rate: float) -> int:
    """The rate as whole Hz. Raises Refused."""
    if rate != int(rate):
        raise Refused(
            f"the rate {rate:g} Hz is no whole number", "sound has a whole number of Hz", ("audio", "rate")
        )
    return int(rate)


def _features(builder: Builder, audio: AudioInput, window: Value) -> Value:
    assert audio.features
    name = "mfcc" if audio.features.mfcc else "log_mel"
    spectrum: LogMel | None = audio.features.mfcc or audio.features.log_mel
    assert spectrum
    route = ("audio", "features", name)
    params: Params = {key: value for key, value in spectrum.model_dump().items() if value is not None}
    params["rate"] = whole_rate(audio.rate)
    for key in ("window", "hop"):
        params[key] = _samples(getattr(spectrum, key), audio.rate, (*route, key))
    if spectrum.high is not None and spectrum.high > audio.rate / 2:
        what = f"high is {spectrum.high:g} Hz, above half the rate of {audio.rate:g} Hz"
        raise Refused(what, f"write at most {audio.rate / 2:g}", (*route, "high"))
    result: Value = builder.transform(f"audio.{name}", params, [window])
    return result


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
    length = _samples(size, rate, (kind, "window"))
    step = length if hop is None else _samples(hop, rate, (kind, "hop"))
    for key, value in (("window", length), ("hop", step)):
        if value < 1:
            raise Refused(f"{key} is empty", "write at least 1", (kind, key))
    return {"size": length, "hop": step, "rate": float(rate)}


def _samples(span: int | Duration, rate: float, route: tuple[str, ...]) -> int:
    try:
        return samples(span, rate)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise Refused(what, remedy, route) from None
