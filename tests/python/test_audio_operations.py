"""Operations on sound against librosa and float64, whole and in chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.errors import InvalidError

librosa = pytest.importorskip("librosa")

RATE = 16000
RATES = [8000, 11025, 22050, 32000, 44100, 48000, 96000]


def signal(count: int, seed: int = 0) -> Any:
    t = np.arange(count) / RATE
    noise = np.random.default_rng(seed).normal(0, 0.05, count)
    return (0.4 * np.sin(2 * np.pi * (300 * t + 900 * t * t)) + noise).astype(np.float32)


def tensor(*shape: int, most: int = 0) -> dict[str, Any]:
    return {"dtype": "float32", "shape": list(shape)} | ({"max_bytes": 4 * most} if most else {})


def once(name: str, params: dict[str, Any], array: Any) -> Any:
    return _native.Operation(name, params, [tensor(*array.shape)]).run([array])[0]


def chunked(name: str, params: dict[str, Any], array: Any, sizes: list[int]) -> Any:
    """A stateful operation on a stream that is cut anywhere."""
    width = int(np.prod(array.shape[1:]))
    form = tensor(-1, *array.shape[1:], most=max(sizes) * width)
    operation, out, at, turn = _native.Operation(name, params, [form]), [], 0, 0
    while at < len(array):
        size = sizes[turn % len(sizes)]
        out.append(operation.run([array[at : at + size]])[0])
        at, turn = at + size, turn + 1
    return np.concatenate(out)


@pytest.mark.parametrize("what", ["magnitude", "power", "complex"])
@pytest.mark.parametrize("centre", [True, False])
def test_stft_is_librosas(what: str, centre: bool) -> None:
    y = signal(6000)
    params = {"fft": 512, "window": 512, "hop": 128, "centre": centre, "what": what}
    got = once("audio.stft", params, y)
    wanted = librosa.stft(y, n_fft=512, hop_length=128, center=centre, pad_mode="constant").T
    if what == "complex":
        got = got[..., 0] + 1j * got[..., 1]
    else:
        wanted = np.abs(wanted) ** (2 if what == "power" else 1)
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("what", ["magnitude", "complex"])
@pytest.mark.parametrize("window", [400, 128])
def test_spectra_of_a_stream_are_those_of_the_whole(what: str, window: int) -> None:
    """Bit by bit, however it is cut; a hop that is longer than the window passes samples over."""
    params = {"fft": 512, "window": window, "hop": 160, "what": what}
    y = signal(8000)
    got = chunked("audio.stft", params | {"stream": True}, y, [1, 1600, 37, 161, 402])
    np.testing.assert_array_equal(got, once("audio.stft", params, y))


def test_a_stream_of_spectra_is_not_centred() -> None:
    params = {"fft": 512, "hop": 160, "stream": True, "centre": True}
    with pytest.raises(InvalidError, match="centre"):
        _native.Operation("audio.stft", params, [tensor(-1, most=1600)])


LIBROSA_MEL = {
    "rate": RATE, "fft": 1024, "hop": 256, "mels": 80, "mel_scale": "slaney", "mel_norm": "slaney",
    "centre": True, "log": "none",
}  # fmt: skip


def test_mel_and_mfcc_are_librosas() -> None:
    y = signal(16000)
    wanted = librosa.feature.melspectrogram(y=y, sr=RATE, n_fft=1024, hop_length=256, n_mels=80).T
    np.testing.assert_allclose(once("audio.log_mel", LIBROSA_MEL, y), wanted, rtol=1e-3, atol=1e-6)
    logs = {"log": "db", "log_range": 80.0}
    got = once("audio.log_mel", LIBROSA_MEL | logs, y)
    np.testing.assert_allclose(got, librosa.power_to_db(wanted), atol=2e-3)
    got = once("audio.mfcc", LIBROSA_MEL | logs | {"coefficients": 20}, y)
    mfcc = librosa.feature.mfcc(y=y, sr=RATE, n_fft=1024, hop_length=256, n_mels=80, n_mfcc=20).T
    np.testing.assert_allclose(got, mfcc, atol=5e-3)


def test_htk_is_librosas_over_hz() -> None:
    y = signal(16000)
    params = LIBROSA_MEL | {"mel_scale": "htk", "mel_axis": "hz", "mel_norm": "none", "power": 1}
    wanted = librosa.feature.melspectrogram(
        y=y, sr=RATE, n_fft=1024, hop_length=256, n_mels=80, htk=True, norm=None, power=1
    ).T
    np.testing.assert_allclose(once("audio.log_mel", params, y), wanted, rtol=1e-3, atol=1e-4)


STREAM = {"rate": RATE, "fft": 512, "window": 400, "hop": 160, "mels": 64, "power": 1, "log_offset": 0.001}


@pytest.mark.parametrize("name", ["audio.log_mel", "audio.mfcc"])
@pytest.mark.parametrize("sizes", [[160], [1600], [7, 1000, 1, 393], [20000]])
def test_a_stream_gives_the_frames_of_the_whole(name: str, sizes: list[int]) -> None:
    y = signal(20000)
    got = chunked(name, STREAM | {"stream": True}, y, sizes)
    np.testing.assert_array_equal(got, once(name, STREAM, y))


def test_frames_further_apart_than_long() -> None:
    y, params = signal(9000), STREAM | {"hop": 1000}
    got = chunked("audio.log_mel", params | {"stream": True}, y, [300, 11])
    np.testing.assert_array_equal(got, once("audio.log_mel", params, y))


@pytest.mark.parametrize("options", [{}, {"bias": 0.0}, {"power": 0.0}, {"gain": 0.8, "time_constant": 0.06}])
def test_pcen_is_librosas(options: dict[str, float]) -> None:
    rows = librosa.feature.melspectrogram(y=signal(32000), sr=RATE, hop_length=160, n_mels=40, power=1).T
    rows = np.ascontiguousarray(rows * 2**15, dtype=np.float32)
    wanted = librosa.pcen(rows.T.astype(np.float64), sr=RATE, hop_length=160, **options).T
    params = {"rate": RATE, "hop": 160, **options}
    np.testing.assert_allclose(once("audio.pcen", params, rows), wanted, rtol=1e-5, atol=1e-6)
    got = chunked("audio.pcen", params | {"stream": True}, rows, [1, 10, 3])
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


def resampled(samples: Any, rate: int, sizes: list[int]) -> Any:
    form = {"kind": "audio", "rate": rate, "channels": 1, "dtype": "float32", "max_chunk": max(sizes)}
    operation, out, at, turn = _native.Operation("audio.convert", {"rate": RATE}, [form]), [], 0, 0
    while at < len(samples):
        size = sizes[turn % len(sizes)]
        chunk = samples[at : at + size].reshape(-1, 1)
        at, turn = at + size, turn + 1
        out.append(operation.run([chunk], last=at >= len(samples))[0])
    return np.concatenate(out)


@pytest.mark.parametrize("rate", RATES)
def test_resampling_keeps_tones_to_the_end(rate: int) -> None:
    count = rate // 2
    tones = [170.0, 1100.0, 0.42 * min(rate, RATE)]
    at = lambda hz, fs, n: sum(np.sin(2 * np.pi * f * np.arange(n) / fs) for f in hz) / 3  # noqa: E731
    got = resampled(at(tones, rate, count).astype(np.float32), rate, [rate // 10, 37])
    assert len(got) == -(-count * RATE // rate)  # every output whose time lies within the input
    wanted = at(tones, RATE, len(got))
    inner = slice(200, -200)  # outside, the silence around the stream is heard
    np.testing.assert_allclose(got[inner], wanted[inner], atol=1e-3)
    assert np.abs(got[-40:]).max() > 0.1


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_resampling_is_near_soxrs(rate: int) -> None:
    soxr = pytest.importorskip("soxr")
    rng, count = np.random.default_rng(1), rate
    spectrum = np.fft.rfft(rng.normal(0, 0.2, count))
    spectrum[np.fft.rfftfreq(count, 1 / rate) > 6800] = 0
    samples = np.fft.irfft(spectrum, count).astype(np.float32)
    wanted, got = soxr.resample(samples, rate, RATE, quality="VHQ"), resampled(samples, rate, [rate // 10])
    np.testing.assert_allclose(got[300:-300], wanted[300 : len(got) - 300], atol=1e-3)


def test_rates_that_have_nothing_in_common() -> None:
    rate, count = 44099, 22050
    at = lambda fs, n: sum(np.sin(2 * np.pi * f * np.arange(n) / fs) for f in (300, 6900)) / 2  # noqa: E731
    got = resampled(at(rate, count).astype(np.float32), rate, [4410, 37])
    wanted = at(RATE, len(got))
    np.testing.assert_allclose(got[200:-200], wanted[200:-200], atol=1e-4)


def test_absurd_rates_are_refused() -> None:
    form = {"kind": "audio", "rate": 48000, "channels": 1, "dtype": "float32", "max_chunk": 4800}
    with pytest.raises(InvalidError, match=r"more than 256 times the other; usual rates are"):
        _native.Operation("audio.convert", {"rate": 100}, [form])


def test_what_a_stream_cannot_know_is_refused() -> None:
    for key, value in (("centre", True), ("log_range", 80.0)):
        with pytest.raises(InvalidError, match=f"'{key}'"):
            _native.Operation("audio.log_mel", STREAM | {"stream": True, key: value}, [tensor(-1, most=1600)])
    with pytest.raises(InvalidError, match="'high'"):
        _native.Operation("audio.micro_frontend", {"high": 8000.0}, [tensor(-1, most=1600)])
    with pytest.raises(InvalidError, match="'rate'"):
        _native.Operation("audio.pcen", {"hop": 160}, [tensor(-1, 40, most=4000)])
