"""Log-mel for YAMNet from a stream of 16 kHz and of 48 kHz, against librosa on the same sound.

    python bench/audio.py

Sound comes in chunks of 100 ms, as from a microphone. edgert: audio.convert and the streaming audio.log_mel,
whose frames are computed once as their samples come, and windows of 96 of them every 0.48 s as views
(table.window). librosa, two ways:

- streamed: for each window of 0.975 s, as it is complete, librosa.stft of its samples, times YAMNet's mel
  matrix made beforehand (librosa.feature.melspectrogram makes its own at each call, and it is another one).
  That is what a program does that must answer every 0.48 s;
- whole: the whole recording at once, windows cut from it afterwards. No program that listens can do that; it
  is the least that librosa's arithmetic takes.

For 48 kHz librosa's sound is resampled by soxr's HQ, its default: in chunks by soxr's stream, or the whole
recording at once. One thread each; times are of the CPU. edgert's are those of the operations, as its lanes
run them; `with_python_ms_per_s_*` is what the same takes when each is called from Python.

`ratio_vs_librosa` is the larger of the two rates' time over librosa's streamed time, `ratio_vs_librosa_whole`
over the whole one's. `max_abs_error` is that of the natural logarithm against float64 at 16 kHz. At 48 kHz
the resamplers differ, so both sides are compared with float64 on sound whose band both pass.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import common
import librosa
import numpy as np
from edgert import _native
from threadpoolctl import threadpool_limits

SECONDS, RATE, CHUNK = 20, 16000, 0.1
WINDOW, HOP, FRAME, STEP = 15600, 7680, 400, 160
MEL = {
    "rate": RATE, "fft": 512, "window": FRAME, "hop": STEP, "mels": 64, "low": 125.0, "high": 7500.0,
    "power": 1, "log": "ln", "log_offset": 0.001,
}  # fmt: skip
Array = Any


def sound(rate: int) -> Array:
    """Tones that glide below 6 kHz, and noise below 4 kHz, so that every resampler's passband holds it."""
    rng, count = np.random.default_rng(3), SECONDS * rate
    t = np.arange(count) / rate
    spectrum = np.fft.rfft(rng.normal(0, 0.1, count))
    spectrum[np.fft.rfftfreq(count, 1 / rate) > 4000] = 0
    glide = 0.3 * np.sin(2 * np.pi * (200 * t + 2900 / SECONDS * t * t))
    return (glide + np.fft.irfft(spectrum, count)).astype(np.float32)


class Edgert:
    """One stream through edgert's operations; run() gives its windows [k, 96, 64]."""

    def __init__(self, rate: int) -> None:
        self.size = int(rate * CHUNK)
        frame = {"kind": "audio", "rate": rate, "max_chunk": self.size}
        most = 2 * int(RATE * CHUNK)
        self.convert = _native.Operation("audio.convert", {"rate": RATE}, [frame])
        samples = {"dtype": "float32", "shape": [-1], "max_bytes": 4 * most}
        self.mel = _native.Operation("audio.log_mel", MEL | {"stream": True}, [samples])
        rows = {"dtype": "float32", "shape": [-1, 64], "max_bytes": 256 * (most // STEP + 2)}
        window = {"size": 96, "hop": 48, "rate": RATE / STEP, "span": WINDOW / RATE}
        self.windows = _native.Operation("table.window", window, [rows])

    def seconds(self) -> float:
        """CPU time in the operations so far."""
        return sum(operation.seconds for operation in (self.convert, self.mel, self.windows))

    def time(self, samples: Array) -> float:
        """CPU time in the operations for this sound."""
        before = self.seconds()
        self.run(samples)
        return self.seconds() - before

    def run(self, samples: Array) -> list[Array]:
        for operation in (self.convert, self.mel, self.windows):
            operation.reset()
        out = []
        for at in range(0, len(samples), self.size):
            chunk = samples[at : at + self.size].reshape(-1, 1)
            (mono,) = self.convert.run([chunk], last=at + self.size >= len(samples))
            (mels,) = self.mel.run([mono])
            windows, _ = self.windows.run([mels])
            out += list(windows)
        return out


def bands() -> Array:
    """[257, 64]: YAMNet's triangles, straight over mel; librosa's own are straight over Hz."""

    def mel(hz: Array) -> Array:
        return 1127 * np.log(1 + hz / 700)

    edges = np.linspace(mel(np.array(125.0)), mel(np.array(7500.0)), 66)
    bins = mel(np.arange(257) * RATE / 512)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    triangles: Array = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clip(0)
    return triangles


BANDS = bands()
BANDS32 = np.ascontiguousarray(BANDS.T, dtype=np.float32)


def log_mel(samples: Array) -> Array:
    """librosa's stft, YAMNet's triangles (made once), NumPy's logarithm; all in float32."""
    padded = np.pad(samples, 56)  # librosa puts the window of 400 in the middle of its 512
    spectrum = librosa.stft(padded, n_fft=512, hop_length=STEP, win_length=FRAME, center=False)
    mels: Array = BANDS32 @ np.abs(spectrum)
    return np.log(mels + np.float32(0.001)).T


def streamed(samples: Array, rate: int) -> list[Array]:
    """librosa as a listening program uses it."""
    if rate != RATE:
        import soxr

        stream, size = soxr.ResampleStream(rate, RATE, 1, quality="HQ"), int(rate * CHUNK)
        parts = [
            stream.resample_chunk(samples[at : at + size], last=at + size >= len(samples))
            for at in range(0, len(samples), size)
        ]
        samples = np.concatenate(parts)
    return [log_mel(samples[at : at + WINDOW]) for at in range(0, len(samples) - WINDOW + 1, HOP)]


def whole(samples: Array, rate: int) -> list[Array]:
    """librosa on all that there is."""
    if rate != RATE:
        samples = librosa.resample(samples, orig_sr=rate, target_sr=RATE)
    mels = log_mel(samples)
    return [mels[at : at + 96] for at in range(0, len(mels) - 95, 48)]


def exact(samples: Array) -> Array:
    """[frames, 64] in float64, by the formulas of TensorFlow's tf.signal."""

    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), FRAME)[::STEP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    return np.log(np.abs(np.fft.rfft(frames * hann, 512)) @ BANDS + 0.001)


def check(rate: int, got: list[Array]) -> float:
    """The greatest error against float64 of the same sound; fails when that is too great.

    A glide that both rates have: what differs at 48 kHz is the resampler. Its first and last windows see the
    stream's ends, which have no counterpart.
    """
    samples = sound(rate)
    if rate != RATE:
        samples = librosa.resample(samples, orig_sr=rate, target_sr=RATE)
    mels = exact(samples)
    wanted = [mels[at : at + 96] for at in range(0, len(mels) - 95, 48)]
    assert len(got) == len(wanted), (len(got), len(wanted))
    # Above 6 kHz there is only what each resampler leaves of nothing.
    pairs = list(zip(got, wanted, strict=True))[1:-1] if rate != RATE else zip(got, wanted, strict=True)
    worst = max(float(np.abs(a[:, :54] - b[:, :54]).max()) for a, b in pairs)
    limit = 5e-3 if rate == RATE else 0.05
    assert worst < limit, f"{rate} Hz differs by {worst}"
    return worst


def bytes_copied(rate: int) -> dict[str, float]:
    """Windows that share memory with the one before, and how many lie in the same block."""
    windows = Edgert(rate).run(sound(rate))
    shared = sum(np.shares_memory(a, b) for a, b in itertools.pairwise(windows))
    return {"windows": len(windows), "windows_sharing_memory": shared}


def timed(work: Callable[[], Any]) -> Callable[[], float]:
    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return once


def main() -> None:
    figures: dict[str, Any] = {"machine": common.machine()}
    ratios, whole_ratios, factors = [], [], []
    for rate in (16000, 48000):
        samples, edgert = sound(rate), Edgert(rate)
        error = check(rate, edgert.run(samples))
        streamed(samples[: 2 * rate], rate)  # imports and caches
        took = common.medians(
            common.alternate(
                9,
                {
                    "edgert": lambda e=edgert, s=samples: e.time(s),  # type: ignore[misc]
                    "with_python": timed(lambda e=edgert, s=samples: e.run(s)),  # type: ignore[misc]
                    "librosa": timed(lambda s=samples, r=rate: streamed(s, r)),  # type: ignore[misc]
                    "whole": timed(lambda s=samples, r=rate: whole(s, r)),  # type: ignore[misc]
                },
            )
        )
        name = f"{rate // 1000}k"
        for side, seconds in took.items():
            figures[f"{side}_ms_per_s_{name}"] = seconds / SECONDS * 1e3
        figures[f"realtime_factor_{name}"] = SECONDS / took["edgert"]
        figures[f"max_abs_error_{name}"] = error
        figures[f"max_abs_error_of_librosa_{name}"] = check(rate, whole(samples, rate))
        ratios.append(took["edgert"] / took["librosa"])
        whole_ratios.append(took["edgert"] / took["whole"])
        factors.append(SECONDS / took["edgert"])
        figures[f"ratio_vs_librosa_{name}"] = ratios[-1]
        figures[f"ratio_vs_librosa_whole_{name}"] = whole_ratios[-1]
    figures |= bytes_copied(16000)
    figures["realtime_factor"] = min(factors)
    figures["ratio_vs_librosa"] = max(ratios)
    figures["ratio_vs_librosa_whole"] = max(whole_ratios)
    figures["max_abs_error"] = figures["max_abs_error_16k"]
    common.finish(figures)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
