"""Features of sound: of each window by itself, or of the stream, whose frames windows then share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgert.documents import AudioInput, Duration, Refused
from edgert.documents.features import LogMel
from edgert.documents.units import samples

from .native import Builder, Params, Value


@dataclass(frozen=True)
class Rows:
    """A window in frames of features: how many, how many further the next one begins, and its length in s."""

    size: int
    hop: int
    rate: float
    span: float


def whole_rate(rate: float) -> int:
    """The rate as whole Hz. Raises Refused."""
    if rate != int(rate):
        what = f"the rate {rate:g} Hz is no whole number"
        raise Refused(what, "sound has a whole number of Hz", ("audio", "rate"))
    return int(rate)


def samples_in(span: int | Duration, rate: float, route: tuple[str, ...]) -> int:
    """A span as whole samples. Raises Refused, at this route."""
    try:
        return samples(span, rate)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise Refused(what, remedy, route) from None


def feature_params(audio: AudioInput) -> tuple[str, Params]:
    """The operation of the features, and its parameters. Raises Refused."""
    assert audio.features
    name, spectrum = audio.features.what
    route = ("audio", "features", name)
    params: Params = {key: value for key, value in spectrum.model_dump().items() if value is not None}
    params["rate"] = whole_rate(audio.rate)
    for key in ("window", "hop"):
        params[key] = samples_in(getattr(spectrum, key), audio.rate, (*route, key))
    if spectrum.high is not None and spectrum.high > audio.rate / 2:
        what = f"high is {spectrum.high:g} Hz, above half the rate of {audio.rate:g} Hz"
        raise Refused(what, f"write at most {audio.rate / 2:g}", (*route, "high"))
    return f"audio.{name}", params


def rows_of(audio: AudioInput, window: Mapping[str, Any]) -> Rows | None:
    """The window in frames, where frames can be computed once for all windows; else None.

    They can where each depends on its own samples alone, and where windows begin at frames and leave no gap.
    What is fixed-point and noise-reduced has no other way. Raises Refused.
    """
    if audio.features is None:
        return None
    name, spectrum = audio.features.what
    _, params = feature_params(audio)
    frame, hop = params["window"], params["hop"]
    if not 1 <= frame <= window["size"] or hop < 1:
        return None
    whole = window["hop"] % hop == 0
    alone = audio.peak is None and window["pad_start"] == 0
    if isinstance(spectrum, LogMel):
        alone = alone and not spectrum.centre and not spectrum.log_range
        if not (alone and whole and window["hop"] <= window["size"]):
            return None
    elif not (alone and whole):
        what = f"{name} follows the stream: windows must begin at its frames, every {hop} samples"
        raise Refused(what, "make the hop a multiple of that, without peak and pad_start", ("audio", "hop"))
    size = 1 + (window["size"] - frame) // hop
    return Rows(size, window["hop"] // hop, audio.rate / hop, window["size"] / audio.rate)


def collected(builder: Builder, audio: AudioInput, rows: Rows, value: Value, frame: Value) -> Value:
    """One window of frames, of the stream of samples."""
    if audio.gain is not None:
        value = builder.transform("audio.gain", {"gain": audio.gain}, [value])
    operation, params = feature_params(audio)
    if operation != "audio.micro_frontend":
        params["stream"] = True
    value = builder.transform(operation, params, [value, frame])
    window: Params = {"size": rows.size, "hop": rows.hop, "rate": rows.rate, "span": rows.span}
    result: Value = builder.region(builder.transform("table.window", window, [value, frame]))
    return result
