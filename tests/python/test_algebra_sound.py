"""Features of sound: of the stream where that is cheaper, of each window where it must be."""

from __future__ import annotations

from pathlib import Path

import pytest
from planner_box import MICROPHONE, YAMNET, Box, pipeline

STREAM = ["audio.convert", "audio.log_mel", "table.window", "region", "tensor.reshape"]
WINDOWED = ["audio.convert", "audio.window", "region", "audio.log_mel", "tensor.reshape"]
HOP = "window: 975ms, hop: 480ms"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def ops(box: Box, said: str) -> list[str]:
    """The chain of YAMNet with this in place of its window."""
    planned = box.plan(YAMNET.replace(HOP, said) + pipeline("  - {name: sounds, model: yamnet}", "ear"))
    return [link.move.op for link in planned.pipelines["p"].steps["sounds"].chains["log_mel"].chain.links]


@pytest.mark.parametrize("hop", ["10ms", "480ms", "700ms", "970ms"])
def test_frames_are_of_the_stream_where_windows_overlap(box: Box, hop: str) -> None:
    assert ops(box, f"window: 975ms, hop: {hop}") == STREAM
    assert [value.spec for value in box.builder.one("audio.log_mel").inputs][1] == MICROPHONE
    assert box.builder.one("table.window").inputs[1].spec == MICROPHONE


@pytest.mark.parametrize("hop", ["475ms", "1200ms"])
def test_hops_that_are_no_frames_or_leave_gaps_are_windowed(box: Box, hop: str) -> None:
    assert ops(box, f"window: 975ms, hop: {hop}") == WINDOWED
    assert "stream" not in box.builder.one("audio.log_mel").params


def test_a_fixed_gain_is_of_the_stream(box: Box) -> None:
    assert ops(box, f"{HOP}, gain: 2") == [STREAM[0], "audio.gain", *STREAM[1:]]


def test_a_peak_is_of_the_window(box: Box) -> None:
    assert ops(box, f"{HOP}, gain: 2, peak: 1") == [*WINDOWED[:3], "audio.gain", "audio.gain", *WINDOWED[3:]]


def test_longer_hops_cost_more_of_the_stream(box: Box) -> None:
    costs = []
    for hop in ("10ms", "480ms"):
        model = YAMNET.replace(HOP, f"window: 975ms, hop: {hop}")
        planned = box.plan(model + pipeline("  - {name: sounds, model: yamnet}", "ear"))
        links = planned.pipelines["p"].steps["sounds"].chains["log_mel"].chain.links
        costs.append(sum(link.cost for link in links if link.move.per_window))
    assert costs[0] < costs[1] / 10


def test_what_follows_the_stream_has_no_other_way(box: Box) -> None:
    features = "features: {log_mel: {window: 25ms, hop: 10ms, low: 125, high: 7500}}"
    assert features in YAMNET
    model = YAMNET.replace(features, "features: {micro_frontend: {window: 25ms, hop: 10ms, channels: 64}}")
    steps = pipeline("  - {name: sounds, model: yamnet}", "ear")
    box.plan(model + steps)
    assert box.builder.ops()[1:5] == ["audio.convert", "audio.micro_frontend", "table.window", "region"]
    assert "stream" not in box.builder.one("audio.micro_frontend").params
    [said] = box.refused(model.replace(HOP, "window: 975ms, hop: 475ms") + steps)
    assert "micro_frontend follows the stream" in said
