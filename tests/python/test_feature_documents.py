"""Spectrograms, PCEN and rows of another rate, written in documents: librosa's, NumPy's and pandas'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.documents import DocumentErrors, read
from edgert.planner import plan
from edgert.runtime import Runtime

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
librosa = pytest.importorskip("librosa")

RATE, CHUNK = 16000, 1000
EAR = f"""
kind: Sensor
name: ear
source: {{type: push, format: {{kind: audio, rate: {RATE}, dtype: float32, max_chunk: {CHUNK}}}}}
inbox: {{policy: block}}
---
"""
PIPELINE = """
---
kind: Pipeline
name: p
sensor: %s
steps: [{name: seen, model: m}]
"""


def same(folder: Path, shape: list[int]) -> None:
    """A model that gives back what it takes."""
    h = onnx.helper
    info = [h.make_tensor_value_info(name, 1, ["N", *shape]) for name in ("x", "y")]
    made = h.make_graph([h.make_node("Identity", ["x"], ["y"])], "same", info[:1], info[1:])
    onnx.save(
        h.make_model(made, opset_imports=[h.make_opsetid("", 17)], ir_version=8), str(folder / "m.onnx")
    )


def windows(folder: Path, text: str, sensor: str, frames: list[Any], times: list[float]) -> Any:
    """What the model saw, window by window."""
    (folder / "box.yaml").write_text(text + PIPELINE % sensor)
    with Runtime(folder / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=30)
        for frame, time in zip(frames, times, strict=True):
            runtime.push(sensor, frame, media_time=time)
        runtime.finish(sensor)
        return np.array([row.reading.array[0] for result in coming for row in result.answers["seen"]])


def heard(folder: Path, features: str, samples: Any, more: str = "") -> Any:
    said = f"rate: {RATE}, window: 500ms, hop: 250ms, features: {{{features}}}{more}"
    text = EAR + f"kind: Model\nname: m\nfile: m.onnx\ninput: {{audio: {{{said}}}}}\n"
    chunks = [samples[at : at + CHUNK].reshape(-1, 1) for at in range(0, len(samples), CHUNK)]
    return windows(folder, text, "ear", chunks, [i * CHUNK / RATE for i in range(len(chunks))])


def signal() -> Any:
    t = np.arange(2 * RATE) / RATE
    noise = np.random.default_rng(2).normal(0, 0.05, len(t))
    return (0.4 * np.sin(2 * np.pi * (300 * t + 900 * t * t)) + noise).astype(np.float32)


def cut(samples: Any) -> list[Any]:
    return [samples[at : at + 8000] for at in range(0, len(samples) - 7999, 4000)]


@pytest.mark.parametrize("what", ["magnitude", "power"])
@pytest.mark.parametrize("centre", [True, False])
def test_a_spectrogram(tmp_path: Path, what: str, centre: bool) -> None:
    frames = 51 if centre else 47
    same(tmp_path, [frames, 257])
    said = f"stft: {{fft: 512, window: 32ms, hop: 10ms, what: {what}, centre: {str(centre).lower()}}}"
    got = heard(tmp_path, said, signal())
    wanted = [
        np.abs(librosa.stft(y, n_fft=512, hop_length=160, center=centre, pad_mode="constant")).T
        for y in cut(signal())
    ]
    assert len(got) == len(wanted) == 7
    np.testing.assert_allclose(got, np.array(wanted) ** (2 if what == "power" else 1), rtol=1e-4, atol=3e-4)


PCEN = "fft: 512, window: 32ms, hop: 10ms, mels: 40, mel_scale: slaney, mel_norm: slaney"


def bands(samples: Any) -> Any:
    return librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=512, hop_length=160, n_mels=40, power=1, center=False
    )


@pytest.mark.parametrize("more", ["", ", gain: 0.8, bias: 10, exponent: 0.25, time_constant: 60ms"])
def test_pcen_of_each_window_is_librosas(tmp_path: Path, more: str) -> None:
    same(tmp_path, [47, 40])
    options = {"gain": 0.8, "bias": 10.0, "power": 0.25, "time_constant": 0.06} if more else {}
    got = heard(tmp_path, f"pcen: {{{PCEN}{more}}}", signal(), ", gain: 32768")
    wanted = [librosa.pcen(bands(y * 32768), sr=RATE, hop_length=160, **options).T for y in cut(signal())]
    np.testing.assert_allclose(got, np.array(wanted), rtol=2e-4, atol=1e-4)


def test_pcen_of_the_stream_is_librosas_of_the_whole(tmp_path: Path) -> None:
    same(tmp_path, [47, 40])
    got = heard(tmp_path, f"pcen: {{{PCEN}, mean_of: stream}}", signal(), ", gain: 32768")
    whole = librosa.pcen(bands(signal() * 32768), sr=RATE, hop_length=160).T
    wanted = [whole[at : at + 47] for at in range(0, len(whole) - 46, 25)]
    np.testing.assert_allclose(got, np.array(wanted), rtol=2e-4, atol=1e-4)


def test_explain_shows_the_chain(tmp_path: Path) -> None:
    same(tmp_path, [47, 40])
    for mean_of, chain in (
        ("window", ["audio.convert", "audio.log_mel", "table.window", "audio.pcen"]),
        ("stream", ["audio.convert", "audio.log_mel", "audio.pcen", "table.window"]),
    ):
        said = f"rate: {RATE}, window: 500ms, hop: 250ms, features: {{pcen: {{{PCEN}, mean_of: {mean_of}}}}}"
        text = EAR + f"kind: Model\nname: m\nfile: m.onnx\ninput: {{audio: {{{said}}}}}\n" + PIPELINE % "ear"
        (tmp_path / "box.yaml").write_text(text)
        from click.testing import CliRunner
        from edgert.cli import main

        shown = CliRunner().invoke(main, ["explain", str(tmp_path / "box.yaml")])
        assert shown.exit_code == 0, shown.output
        places = [shown.output.index(op) for op in chain]
        assert places == sorted(places), shown.output


WATCH = """
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [t, x, y], rate: 20, max_rows: 16}}
inbox: {policy: block}
---
"""


def rows() -> Any:
    """[200, 3]: times that come as they like, and two columns."""
    rng = np.random.default_rng(7)
    times = np.cumsum(rng.uniform(0.01, 0.09, 200)).astype(np.float32)
    return np.column_stack([times, rng.normal(0, 1, (200, 2)).cumsum(axis=0)]).astype(np.float32)


def table(folder: Path, resample: str, given: Any, columns: str = "[y, x]") -> Any:
    said = f"columns: {columns}, rate: 20Hz, resample: {{{resample}}}, window: 10"
    text = WATCH + f"kind: Model\nname: m\nfile: m.onnx\ninput: {{table: {{{said}}}}}\n"
    chunks = [given[at : at + 16] for at in range(0, len(given), 16)]
    return windows(folder, text, "watch", chunks, [float(chunk[0, 0]) for chunk in chunks])


@pytest.mark.parametrize("method", ["linear", "nearest", "previous"])
def test_rows_of_any_times_at_the_models_rate(tmp_path: Path, method: str) -> None:
    pandas = pytest.importorskip("pandas")
    same(tmp_path, [10, 2])
    given = rows()
    got = table(tmp_path, f"method: {method}, time: t", given).reshape(-1, 2)
    times = given[:, 0].astype(np.float64)
    grid = times[0] + np.arange(len(got)) / 20
    assert times[-1] - grid[-1] < 10 / 20
    if method == "linear":
        wanted = np.column_stack([np.interp(grid, times, given[:, column]) for column in (2, 1)])
    else:
        frame = pandas.DataFrame(given[:, [2, 1]], index=times)
        wanted = frame.reindex(grid, method={"nearest": "nearest", "previous": "ffill"}[method]).to_numpy()
    np.testing.assert_allclose(got, wanted, atol=2e-5)


def test_the_column_of_times_is_left_out(tmp_path: Path) -> None:
    same(tmp_path, [10, 2])
    given = rows()
    all_but_time = table(tmp_path, "time: t", given, "null")
    np.testing.assert_array_equal(all_but_time, table(tmp_path, "time: t", given, "[x, y]"))


def test_nothing_is_made_up_in_a_long_gap(tmp_path: Path) -> None:
    same(tmp_path, [10, 2])
    given = np.column_stack([np.arange(20) / 20, np.arange(20), np.zeros(20)]).astype(np.float32)
    given[10:, 0] += 7.0
    got = table(tmp_path, "time: t, longest_gap: 1s", given)
    np.testing.assert_allclose(got[:, :, 1], given[:, 1].reshape(2, 10), atol=1e-4)


def test_a_known_rate_needs_no_times(tmp_path: Path) -> None:
    same(tmp_path, [10, 1])
    text = WATCH.replace("[t, x, y], rate: 20", "[x], rate: 50").replace("max_rows: 16", "max_rows: 10")
    said = "rate: 20Hz, resample: {}, window: 500ms"
    text += f"kind: Model\nname: m\nfile: m.onnx\ninput: {{table: {{{said}}}}}\n"
    given = np.arange(100, dtype=np.float32)[:, None]
    chunks = [given[at : at + 10] for at in range(0, 100, 10)]
    got = windows(tmp_path, text, "watch", chunks, [i / 5 for i in range(10)])
    np.testing.assert_allclose(got.ravel(), np.arange(40) * 2.5, atol=1e-4)


def test_resampling_as_a_step(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(
        WATCH
        + """kind: Pipeline
name: p
sensor: watch
steps:
  - {name: all, transform: table.select, params: {columns: [x, y, t]}, from: frame}
  - {name: even, transform: table.resample, params: {rate: 20.0, time: 2, method: previous},
     from: [all, frame]}
outputs: [even]
"""
    )
    given = rows()
    with Runtime(tmp_path / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=30)
        for at in range(0, len(given), 16):
            runtime.push("watch", given[at : at + 16], media_time=float(given[at, 0]))
        runtime.finish("watch")
        got = np.concatenate([result.answers["even"].array for result in coming])
    grid = given[0, 0] + np.arange(len(got)) / 20
    places = np.searchsorted(given[:, 0].astype(np.float64), grid + 1e-6, side="right") - 1
    np.testing.assert_array_equal(got, given[places, 1:])


MODEL = "kind: Model\nname: m\nfile: m.onnx\ninput:\n"
TABLE = "  table:\n    rate: 20Hz\n    window: 10\n    resample: "
SOUND = "  audio:\n    rate: 16kHz\n    window: 500ms\n    features:\n      "


SPECTRUM = "      "  # the line of the features themselves


@pytest.mark.parametrize(
    ("said", "at", "what"),
    [
        (SOUND + "stft: {fft: 512, window: 50ms}", SPECTRUM, "fewer than the window's 800 samples"),
        (SOUND + "stft: {fft: 500}", SPECTRUM, "a transform has a power of two points; write 256 or 512"),
        (SOUND + "stft: {window: -25ms}", SPECTRUM, "window"),
        (SOUND + "stft: {window: 0}", SPECTRUM, "window is empty"),
        (SOUND + "stft: {hop: 0}", SPECTRUM, "hop is empty"),
        (SOUND + "stft: {what: phase}", SPECTRUM, "magnitude, power"),
        (SOUND + "pcen: {gain: -1}", SPECTRUM, "write at least 0"),
        (SOUND + "pcen: {time_constant: 0s}", SPECTRUM, "write more than 0"),
        (SOUND + "pcen: {eps: 0}", SPECTRUM, "write more than 0"),
        (SOUND + "pcen: {high: 9000}", SPECTRUM, "above half the rate"),
        (SOUND + "pcen: {window: 2s, fft: 65536}", SPECTRUM, "longer than the window"),
        (SOUND + "{pcen: {}, stft: {}}", "    features:", "say one of log_mel"),
        ("  audio:\n    rate: 0Hz\n    window: 500ms", "    rate: 0", "rate"),
        ("  table:\n    rate: 0Hz\n    resample: {}\n    window: 10", "    rate: 0", "rate"),
        ("  table:\n    resample: {}\n    window: 10", "  table:", "resample needs rate"),
        (TABLE + "{method: cubic}", "    resample:", "linear, nearest, previous"),
        (TABLE + "{longest_gap: 0s}", "    resample:", "write more than 0"),
        (TABLE + "{longest_gap: -1s}", "    resample:", "longest_gap"),
    ],
)
def test_bad_documents_are_refused_with_their_line(tmp_path: Path, said: str, at: str, what: str) -> None:
    same(tmp_path, [47, 40])
    sensor = EAR if "audio" in said else WATCH
    text = sensor + MODEL + said + "\n" + PIPELINE % ("ear" if "audio" in said else "watch")
    (tmp_path / "box.yaml").write_text(text)
    with pytest.raises(DocumentErrors) as caught:
        plan(read(tmp_path), only_check=True)
    [problem] = caught.value.problems
    assert what in str(problem), problem
    [line] = [number for number, text in enumerate(text.splitlines(), 1) if text.startswith(at)]
    assert problem.line == line, problem


def test_an_unknown_column_of_times(tmp_path: Path) -> None:
    same(tmp_path, [10, 2])
    text = WATCH + MODEL + "  table: {rate: 20Hz, resample: {time: tt}, window: 10}\n" + PIPELINE % "watch"
    (tmp_path / "box.yaml").write_text(text)
    with pytest.raises(DocumentErrors, match=r"the sensor has no column 'tt'.*did you mean 't'"):
        plan(read(tmp_path), only_check=True)
