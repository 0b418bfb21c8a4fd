"""Recipes, for real: what they make of the packages' weights must know what the originals know."""

from __future__ import annotations

import csv
import os
import pickle
import shutil
import wave

import numpy as np
import pytest
from edgert import zoo
from edgert.zoo import cache

pytest.importorskip("onnx")

from edgert.zoo.recipes import activity, calibration, golden, graph, likeness, png, tensor_bundle, torch_file

network = pytest.mark.network


@pytest.fixture
def run():
    """Runs an artifact of the zoo: run(name, input) is the list of its outputs."""
    onnxruntime = pytest.importorskip("onnxruntime")

    def run(name, feed):
        session = onnxruntime.InferenceSession(str(zoo.get(name)), providers=["CPUExecutionProvider"])
        return session.run(None, {session.get_inputs()[0].name: feed})

    return run


@network
@pytest.mark.parametrize(("picture", "word"), [("chelsea", "cat"), ("coffee", "espresso")])
def test_efficientnet_names_the_picture(run, picture, word):
    (logits,) = run("efficientnet-lite0", _pixels(zoo.get(picture)))
    names = zoo.get("imagenet-labels").read_text().splitlines()
    assert word in names[int(logits.argmax())]


@network
def test_efficientnet_taps_end_in_the_classifiers_embedding(run):
    outputs = run("efficientnet-lite0-taps", _pixels(zoo.get("chelsea")))
    assert [output.shape[1] for output in outputs] == [16, 24, 40, 80, 112, 192, 320, 1280]
    weights = torch_file.read_tensors(zoo.get("efficientnet-lite0-weights"))
    (logits,) = run("efficientnet-lite0", _pixels(zoo.get("chelsea")))
    again = outputs[-1] @ weights["_fc.weight"].T + weights["_fc.bias"]
    assert np.allclose(again, logits, atol=1e-3)


@network
def test_efficientnet_in_8_bits_agrees_with_the_float_model(run):
    for picture in ("chelsea", "coffee"):
        pixels = _pixels(zoo.get(picture))
        (logits,), (quantised,) = (
            run("efficientnet-lite0", pixels),
            run("efficientnet-lite0-qdq-int8", pixels),
        )
        assert quantised.argmax() == logits.argmax()
        assert likeness.cosine(quantised, logits) > 0.97


@network
def test_efficientnet_for_tensorflow_lite_names_the_picture():
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(
        str(zoo.get("efficientnet-lite0-int8"))
    )
    interpreter.allocate_tensors()
    pixels = np.round(_pixels(zoo.get("chelsea")) * 128 + 127).astype(np.uint8).transpose(0, 2, 3, 1)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
    interpreter.invoke()
    logits = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    names = zoo.get("imagenet-labels").read_text().splitlines()
    assert logits.dtype == np.uint8
    assert "cat" in names[int(logits.argmax())]


@network
def test_pictures_are_read_as_others_read_them():
    image = pytest.importorskip("PIL.Image")
    for picture in ("astronaut", "chelsea", "coffee"):
        assert np.array_equal(png.read_rgb(zoo.get(picture)), np.asarray(image.open(zoo.get(picture))))


@pytest.mark.parametrize("span", [(-1.0, 3.0), (0.5, 2.0), (-4.0, -1.0), (0.0, 0.0)])
def test_a_scale_covers_its_range_and_zero(span):
    scale = calibration.Scale.covering(*span)
    low, high = scale.scale * (0 - scale.zero), scale.scale * (255 - scale.zero)
    assert 0 <= scale.zero <= 255
    assert low <= min(span[0], 0) + scale.scale and high >= max(span[1], 0) - scale.scale


def test_a_quantised_layer_is_near_the_layer_and_its_biases_fit():
    weight, bias = np.random.default_rng(1).normal(size=(3, 4, 1, 1)), np.array([1.0, -2.0, 1e6])
    weight[2] = 1e-9
    layer = calibration.quantise_layer(weight, bias, 0.02)
    steps = layer.steps[:, None, None, None]
    assert np.abs(layer.weight * steps - weight).max() <= np.max(layer.steps) / 2
    assert np.allclose(layer.bias * layer.steps * 0.02, bias, rtol=1e-3)


@network
def test_yamnet_and_its_head_hear_the_bells(run):
    scores, embedding = run("yamnet", _log_mel(zoo.get("street-recording"), 8, 20))
    with zoo.get("yamnet-labels").open() as file:
        bell = [row["display_name"] for row in csv.DictReader(file)].index("Bicycle bell")
    assert scores[:, bell].mean() > 0.3
    (rings,) = run("yamnet-bicycle-bell", embedding)
    (quiet,) = run("yamnet-bicycle-bell", run("yamnet", _log_mel(zoo.get("street-recording"), 40, 52))[1])
    assert rings.mean() > 0.8
    assert quiet.mean() < 0.2


@network
def test_the_activity_classifier_knows_unseen_windows(run):
    windows, labels = activity.read_windows(zoo.get("basic-motions-test"))
    (probabilities,) = run("activity-classifier", windows.astype(np.float32))
    assert probabilities.shape == (40, 4)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities.argmax(axis=1) == labels).mean() >= 0.9


@network
def test_the_activity_recipe_gives_the_same_each_time_and_tells_its_accuracy(tmp_path):
    sources = [zoo.get("basic-motions-train"), zoo.get("basic-motions-test")]
    told = [activity.classifier(sources, tmp_path / name) for name in ("a.onnx", "b.onnx")]
    assert told[0].startswith("accuracy on 40 test windows ")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


@network
def test_what_a_recipe_made_is_verified_when_read_again(tmp_path, monkeypatch):
    sources = [zoo.get(name) for name in zoo.info("yamnet-bicycle-bell").recipe.sources]
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path))
    (tmp_path / "zoo").mkdir()
    for source in sources:
        shutil.copy(source, tmp_path / "zoo")
    path = zoo.get("yamnet-bicycle-bell")
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"?")
    assert cache.lookup(zoo.info("yamnet-bicycle-bell")) is None
    assert zoo.get("yamnet-bicycle-bell").read_bytes() == good


def test_a_golden_fact_that_differs_is_refused(tmp_path):
    own = graph.Graph("own")
    own.add("Relu", ["x"], "relu", ["y"])
    own.save(tmp_path / "own.onnx", {"x": [1, 4]}, {"y": [1, 4]})
    feed = {"x": np.array([[0.5, -1, 3, 1]], np.float32)}
    golden.check(tmp_path / "own.onnx", feed, [golden.Golden("y", [2, 3], {1: 0.0, 2: 3.0})])
    with pytest.raises(zoo.ZooError, match=r"own.onnx: the largest of y are \[2\] instead of \[3\]"):
        golden.check(tmp_path / "own.onnx", feed, [golden.Golden("y", [3])])
    with pytest.raises(zoo.ZooError, match=r"y\[2\] is 3 instead of 3.1; nothing was kept"):
        golden.check(tmp_path / "own.onnx", feed, [golden.Golden("y", values={2: 3.1})])


def test_a_hostile_pickle_calls_nothing(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    file = tmp_path / "weights.pth"
    parts: tuple[object, ...] = (0x1950A86A20F9469CFC6C, 1001, {}, Hostile(), [])
    file.write_bytes(b"".join(pickle.dumps(part) for part in parts))
    with pytest.raises(zoo.ZooError, match=r"can't be read as weights .it asks for .*mkdir"):
        torch_file.read_tensors(file)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("content", [b"", b"x" * 100])
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    index = tmp_path / "variables.index"
    index.write_bytes(content)
    with pytest.raises(zoo.ZooError, match=r"variables.index: is no checkpoint index"):
        tensor_bundle.read_variables(index, index)


def test_without_onnx_the_error_names_the_extra(monkeypatch, tmp_path):
    import importlib.util

    from edgert.zoo import kitchen
    from edgert.zoo.progress import Silent

    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnx" else name)
    with pytest.raises(zoo.ZooError, match=r"needs onnx, which isn't installed; pip install 'edgert\[zoo\]'"):
        kitchen.make(zoo.info("yamnet"), [], Silent())


def _pixels(file):
    """The middle of a picture as 1x3x224x224, as EfficientNet-Lite wants it."""
    image = pytest.importorskip("PIL.Image").open(file).convert("RGB")
    side = int(min(image.size) * 0.875)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side)).resize((224, 224))
    return ((np.asarray(image, np.float32) - 127) / 128).transpose(2, 0, 1)[None]


def _log_mel(file, begin, end):
    """The seconds from begin to end as patches of 96 x 64, as YAMNet wants them."""
    with wave.open(str(file)) as recording:
        recording.setpos(begin * 16000)
        samples = np.frombuffer(recording.readframes((end - begin) * 16000), np.int16) / 32768
    frames = np.lib.stride_tricks.sliding_window_view(samples, 400)[::160]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    mel = np.log(np.abs(np.fft.rfft(frames * window, 512)) @ _mel_bank() + 0.001)
    patches = np.lib.stride_tricks.sliding_window_view(mel, 96, axis=0)[::48]
    return patches.transpose(0, 2, 1).astype(np.float32)


def _mel_bank():
    def to_mel(hertz):
        return 1127 * np.log(1 + hertz / 700)

    edges = np.linspace(to_mel(125), to_mel(7500), 66)
    bins = to_mel(np.linspace(0, 8000, 257))[:, None]
    rising, falling = (bins - edges[:-2]) / (edges[1] - edges[0]), (edges[2:] - bins) / (edges[1] - edges[0])
    return np.maximum(0, np.minimum(rising, falling))
