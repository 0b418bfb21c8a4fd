"""Features of sound: what is computed, and whether the frames of the stream can be shared by windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgert.documents import AudioInput, Duration, Refused
from edgert.documents.features import LogMel
from edgert.documents.units import samples

from .native import Params


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


def features_of(audio: AudioInput, window: Mapping[str, Any]) -> Params | None:
    """What is computed of a window of sound, as the algebra's goal says it; None for the samples themselves.

    `op` and `params`: the operation. `rows`: the window of table.window in frames, where frames can be
    computed once for all windows. `follows`: whether there is no other way. Raises Refused.
    """
    if audio.features is None:
        return None
    name, spectrum = audio.features.what
    return {
        "op": f"audio.{name}",
        "params": _params(audio),
        "rows": _rows(audio, window),
        "follows": not isinstance(spectrum, LogMel) or None,
    }


def _params(audio: AudioInput) -> Params:
    """Of the features' operation. Raises Refused."""
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
    return params


def _rows(audio: AudioInput, window: Mapping[str, Any]) -> Params | None:
    """The window in frames, where frames can be computed once for all windows; else None.

    They can where each depends on its own samples alone, and where windows begin at frames and leave no gap.
    What is fixed-point and noise-reduced has no other way. Raises Refused.
    """
    assert audio.features
    name, spectrum = audio.features.what
    params = _params(audio)
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
    return {
        "size": 1 + (window["size"] - frame) // hop,
        "hop": window["hop"] // hop,
        "rate": audio.rate / hop,
        "span": window["size"] / audio.rate,
    }
