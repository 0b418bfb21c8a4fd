"""YAMNet's log-mel in plain NumPy, and windows of a signal."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RATE = 16000


def windows(signal: Array, size: int, hop: int) -> Array:
    """[k, size]: the whole windows."""
    every = np.lib.stride_tricks.sliding_window_view(signal, size, axis=0)[::hop]
    return every if signal.ndim == 1 else every.transpose(0, 2, 1)


def mel(hz: Array) -> Array:
    """HTK's scale."""
    result: Array = 1127 * np.log(1 + hz / 700)
    return result


def mel_bands() -> Array:
    """[257, 64]: triangles whose sides are straight over mel, as TensorFlow makes them."""
    bins = mel(np.arange(257) * RATE / 512)[:, None]
    lowest, highest = mel(np.array([125.0, 7500.0]))
    edges = np.linspace(float(lowest), float(highest), 66)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bands: Array = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clip(0)
    bands[0] = 0
    return bands


def yamnet_log_mel(patch: Array) -> Array:
    """[96, 64] of 15600 samples."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    spectrum = np.abs(np.fft.rfft(windows(patch.astype(np.float64), 400, 160) * hann, 512))
    result: Array = np.log(spectrum @ mel_bands() + 0.001)
    return result
