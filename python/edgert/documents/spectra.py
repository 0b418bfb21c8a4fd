"""Features that are computed of sound."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Part
from .units import Duration, Span


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        below, above = 1 << (value.bit_length() - 1), 1 << value.bit_length()
        raise PydanticCustomError(
            "power_of_two", f"a transform has a power of two points; write {below} or {above}"
        )
    return value


class Spectrum(Part):
    """Frames of a signal and their spectra."""

    fft: Annotated[int, Field(ge=4, le=65536), AfterValidator(_power_of_two)] = 512
    """Points of the transform, at least the window's samples."""
    window: Span = 400
    """A frame: samples, or a duration."""
    hop: Span = 160
    window_type: Literal["hann", "hamming", "povey"] = "hann"
    centre: bool = False
    """Frames centred on their sample, with zeros around the signal."""


class Stft(Spectrum):
    """The spectrogram itself: [frames, fft / 2 + 1]."""

    what: Literal["magnitude", "power"] = "magnitude"
    """Of each bin: |X|, or its square."""


class MelFrames(Spectrum):
    """Bands of equal width in mel: [frames, mels]."""

    mels: int = Field(default=64, ge=1, le=1024)
    low: float = Field(default=0.0, ge=0)
    """Hz."""
    high: float | None = Field(default=None, gt=0)
    """Hz; left out, half the rate."""
    mel_scale: Literal["htk", "slaney"] = "htk"
    mel_axis: Literal["mel", "hz"] | None = None
    """On which axis the triangles are straight; left out, mel with htk and hz with slaney."""
    mel_norm: Literal["none", "slaney"] = "none"
    power: Literal[1, 2] = 2
    """Of the magnitudes that are added up."""


class LogMel(MelFrames):
    """The logarithm of a mel spectrogram: [frames, mels]."""

    log: Literal["none", "ln", "log10", "db"] = "ln"
    log_offset: float = Field(default=0.0, ge=0)
    """Added before the logarithm."""
    log_floor: float | None = Field(default=None, ge=0)
    """What is less becomes this, before the logarithm."""
    log_range: float | None = Field(default=None, ge=0)
    """What is further below the window's greatest value is raised to that."""
    mean: float = 0.0
    """The result is (log - mean) / deviation."""
    deviation: float = Field(default=1.0, gt=0)


class Mfcc(LogMel):
    """Mel cepstral coefficients: [frames, coefficients]."""

    coefficients: int = Field(default=13, ge=1)
    dct_norm: Literal["ortho", "none"] = "ortho"


class Pcen(MelFrames):
    """Mel bands with the gain of each by its own mean (per-channel energy normalisation): [frames, mels].

    (E / (eps + M)^gain + bias)^exponent - bias^exponent, with M the mean of a band E so far. The constants
    are librosa's, and fit samples in int16's range: `gain: 32768` of the audio input.
    """

    power: Literal[1, 2] = 1
    """Of the magnitudes that are added up."""
    gain: float = Field(default=0.98, ge=0)
    """How much of a band's mean is taken away: 0 nothing, 1 all."""
    bias: float = Field(default=2.0, ge=0)
    exponent: float = Field(default=0.5, ge=0)
    """0: the logarithm."""
    time_constant: Annotated[Duration, Field(gt=0)] = Duration("400ms")
    """How fast the mean follows."""
    eps: float = Field(default=1e-6, gt=0)
    mean_of: Literal["window", "stream"] = "window"
    """The mean begins anew with each window, as librosa's does, or goes on with the stream."""


class MicroFrontend(Part):
    """The features of microWakeWord, in fixed point: [frames, channels]."""

    window: Span = 480
    """A frame: samples, or a duration."""
    hop: Span = 160
    channels: int = Field(default=40, ge=1)
    low: float = Field(default=125.0, ge=0)
    """Hz."""
    high: float = Field(default=7500.0, gt=0)
    """Hz."""
    smoothing_bits: int = Field(default=10, ge=6, le=14)
    even_smoothing: float = Field(default=0.025, ge=0, le=1)
    """Of the noise's estimate in even channels."""
    odd_smoothing: float = Field(default=0.06, ge=0, le=1)
    least_signal: float = Field(default=0.05, ge=0, le=1)
    """What noise reduction leaves at least."""
    pcan: bool = True
    """Gain by the noise of each channel."""
    pcan_strength: float = 0.95
    pcan_offset: float = 80.0
    pcan_bits: int = 21
    log_shift: int = 6
    scale: float = 1.0
    """Of the result: 0.0390625 for microWakeWord's models."""


AnyFeatures = LogMel | Mfcc | MicroFrontend | Stft | Pcen


class AudioFeatures(Part):
    """What is computed of a window of sound."""

    log_mel: LogMel | None = None
    mfcc: Mfcc | None = None
    micro_frontend: MicroFrontend | None = None
    stft: Stft | None = None
    pcen: Pcen | None = None

    @model_validator(mode="after")
    def _one(self) -> AudioFeatures:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise PydanticCustomError(
                "one_of",
                "say one of log_mel, mfcc, micro_frontend, stft and pcen; without features samples are given",
            )
        return self

    @property
    def what(self) -> tuple[str, AnyFeatures]:
        """The one that is set, with its name."""
        name = next(name for name in type(self).model_fields if getattr(self, name) is not None)
        return name, getattr(self, name)
