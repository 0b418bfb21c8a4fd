"""Writes audio_golden.h: what librosa and NumPy say of the signal of golden_signal().

Run with librosa installed: python audio_golden.py > audio_golden.h
"""

import librosa
import numpy as np


def golden_signal(count: int, rate: int) -> np.ndarray:
    """A triangle wave of 440 Hz and noise that grows, in arithmetic that is exact everywhere."""
    i = np.arange(count, dtype=np.uint64)
    triangle = np.abs((i * 880 % (2 * rate)).astype(np.float64) / rate - 1) - 0.5
    state = (i * 2654435761 + 12345) % 2**32
    state = (state ^ (state >> 13)) * 1274126177 % 2**32
    noise = (state >> 8).astype(np.float64) / 2**23 - 1
    return (0.5 * triangle + 0.25 * noise * i / count).astype(np.float32)


def yamnet_log_mel(samples: np.ndarray) -> np.ndarray:
    """The features of YAMNet, by the formulas of TensorFlow's tf.signal, in double precision."""

    def mel(hz):
        return 1127 * np.log(1 + hz / 700)

    frames = np.stack([samples[i * 160 : i * 160 + 400] for i in range(96)]).astype(np.float64)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    magnitude = np.abs(np.fft.rfft(frames * window, 512))
    edges = np.linspace(mel(125), mel(7500), 66)
    bins = mel(np.arange(257) * 16000 / 512)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.log(magnitude @ np.maximum(0, np.minimum(rising, falling)) + 0.001)


def show(name: str, table: np.ndarray, rows: list[int], every: int) -> None:
    part = table[rows][:, ::every]
    print(f"\n// Rows {rows} of {table.shape}, every {every}th column.")
    print(f"inline constexpr float {name}[{len(rows)}][{part.shape[1]}] = {{")
    for row in part:
        print("    {" + ", ".join(f"{value:.8g}F" if value % 1 else f"{value:.1f}F" for value in row) + "},")
    print("};")


def main() -> None:
    print(
        "// Made by audio_golden.py: what librosa", librosa.__version__, "and NumPy say of golden_signal()."
    )
    print("#pragma once\n\nnamespace edgert::testing {")
    show("kYamnet", yamnet_log_mel(golden_signal(15600, 16000)), [0, 40, 95], 5)
    signal = golden_signal(11025, 22050)
    show("kMelSpectrogram", librosa.feature.melspectrogram(y=signal).T, [0, 5, 21], 8)
    show("kMfcc", librosa.feature.mfcc(y=signal).T, [0, 5, 21], 1)
    htk = librosa.feature.melspectrogram(
        y=signal, n_fft=1024, hop_length=256, win_length=600, window="hamming", n_mels=40, htk=True,
        norm=None, fmin=50, fmax=8000,
    )  # fmt: skip
    show("kHtkOverHz", htk.T, [0, 20, 43], 4)
    print("\n}  // namespace edgert::testing")


if __name__ == "__main__":
    main()
