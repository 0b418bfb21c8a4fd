"""Features of sound: what is computed, and whether the frames of the stream can be shared by windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgert.documents import AudioInput, Duration, Refused
from edgert.documents.spectra import LogMel, MelFrames, MicroFrontend, Pcen, Spectrum
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
    computed once for all windows. `follows`: whether there is no other way. `then`: an operation on the rows
    that the first one gives, with `stream` where it isn't of each window alone. Raises Refused.
    """
    if audio.features is None:
        return None
    name, spectrum = audio.features.what
    follows = isinstance(spectrum, MicroFrontend) or (
        isinstance(spectrum, Pcen) and spectrum.mean_of == "stream"
    )
    params = _params(audio)
    wanted = {
        "op": "audio.log_mel" if isinstance(spectrum, Pcen) else f"audio.{name}",
        "params": params,
        "rows": _rows(audio, window, params, follows),
        "follows": follows or None,
        "streams": isinstance(spectrum, Spectrum) or None,
    }
    return wanted | {"then": _pcen(spectrum, params)} if isinstance(spectrum, Pcen) else wanted


PCEN = ("gain", "bias", "eps", "time_constant")  # and exponent, which the operation calls power


def _pcen(spectrum: Pcen, mel: Params) -> Params:
    """What follows the mel frames."""
    params = {key: float(getattr(spectrum, key)) for key in PCEN}
    params |= {"power": spectrum.exponent, "rate": float(mel["rate"]), "hop": float(mel["hop"])}
    return {"op": "audio.pcen", "params": params, "stream": spectrum.mean_of == "stream" or None}


def _params(audio: AudioInput) -> Params:
    """Of the features' operation. Raises Refused."""
    assert audio.features
    name, spectrum = audio.features.what
    route = ("audio", "features", name)
    own = set(MelFrames.model_fields) if isinstance(spectrum, Pcen) else None
    said = spectrum.model_dump(include=own)
    params: Params = {key: value for key, value in said.items() if value is not None}
    for key in ("window", "hop"):
        params[key] = samples_in(getattr(spectrum, key), audio.rate, (*route, key))
        if params[key] < 1:
            raise Refused(f"{key} is empty", "write at least one sample", (*route, key))
    if isinstance(spectrum, Spectrum) and spectrum.fft < params["window"]:
        what = f"fft is {spectrum.fft}, fewer than the window's {params['window']} samples"
        raise Refused(what, "give the transform more points, or write a shorter window", (*route, "fft"))
    if isinstance(spectrum, Pcen):
        params["log"] = "none"
    if isinstance(spectrum, (MelFrames, MicroFrontend)):
        params["rate"] = whole_rate(audio.rate)
        if spectrum.high is not None and spectrum.high > audio.rate / 2:
            what = f"high is {spectrum.high:g} Hz, above half the rate of {audio.rate:g} Hz"
            raise Refused(what, f"write at most {audio.rate / 2:g}", (*route, "high"))
    return params


def _rows(audio: AudioInput, window: Mapping[str, Any], params: Params, follows: bool) -> Params | None:
    """The window in frames, where frames can be computed once for all windows; else None.

    They can where each depends on its own samples alone, and where windows begin at frames and leave no gap.
    What follows the stream, by a mean that goes on, has no other way. Raises Refused.
    """
    assert audio.features
    name, spectrum = audio.features.what
    frame, hop = params["window"], params["hop"]
    if frame > window["size"]:
        what = f"a frame of {frame} samples is longer than the window of {window['size']}"
        raise Refused(what, "write a longer window", ("audio", "features", name, "window"))
    whole = window["hop"] % hop == 0
    alone = audio.peak is None and window["pad_start"] == 0
    if isinstance(spectrum, Spectrum):
        alone = alone and not spectrum.centre
    if isinstance(spectrum, LogMel):
        alone = alone and not spectrum.log_range
    if follows and not (alone and whole):
        what = f"{name} follows the stream: windows must begin at its frames, every {hop} samples"
        raise Refused(
            what, "make the hop a multiple of that, without peak, pad_start and centre", ("audio", "hop")
        )
    if not follows and not (alone and whole and window["hop"] <= window["size"]):
        return None
    return {
        "size": 1 + (window["size"] - frame) // hop,
        "hop": window["hop"] // hop,
        "rate": audio.rate / hop,
        "span": window["size"] / audio.rate,
    }
