"""Sources in C++ from documents: GStreamer pipelines, and shared libraries."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime, _native
from edgert.errors import Error, InvalidError, NotFoundError, UnavailableError
from edgert.sources import open_source, probe_format

PATIENCE = 20.0


def why_not() -> str:
    """Why no pipeline can be run here; empty if one can."""
    try:
        source = _native.Source("gstreamer", {"pipeline": "videotestsrc num-buffers=1"})
        source.open()
    except Error as error:
        return str(error)
    return ""


WHY = why_not()
gstreamer = pytest.mark.skipif(bool(WHY), reason=WHY)

BOX = """
kind: Sensor
name: belt
source:
  type: gstreamer
  speed: max
  pipeline: "videotestsrc num-buffers=%d pattern=%s ! video/x-raw,format=%s,width=320,height=240"
inbox: {policy: block}
---
kind: Pipeline
name: small
sensor: belt
steps:
  - {name: small, transform: image.to_tensor, from: frame, params: {width: 8, height: 6, scale: 1.0}}
"""


@gstreamer
@pytest.mark.parametrize("layout", ["I420", "NV12", "YUY2", "RGB", "BGR"])
def test_a_pipeline_of_a_document_runs_without_a_copy(tmp_path: Path, layout: str) -> None:
    (tmp_path / "box.yaml").write_text(BOX % (20, "red", layout))
    runtime = Runtime(tmp_path / "box.yaml")
    coming = runtime.results("small", timeout=PATIENCE)  # before the start: none is missed
    with runtime:
        results = list(coming)
        assert runtime.wait(PATIENCE)
    assert [result.status for result in results] == ["ok"] * 20
    red = np.asarray(results[-1].outputs["small"]).reshape(-1, 3).mean(axis=0)
    assert np.abs(red - (255, 0, 0)).max() < 4
    assert [round(30 * result.media_time) for result in results] == list(range(20))
    figures = runtime.metrics()["sensors"]["belt"]
    assert (figures["converted_bytes"], figures["messages_lost"], figures["frames"]) == (0, 0, 20)


@gstreamer
def test_a_pipeline_that_fails_in_the_middle_ends_its_sensor_with_the_bus_error(tmp_path: Path) -> None:
    text = (BOX % (50, "snow", "I420")).replace("inbox:", "reconnect: false\ninbox:")
    (tmp_path / "box.yaml").write_text(text.replace(" ! video", " ! identity error-after=5 ! video"))
    runtime = Runtime(tmp_path / "box.yaml")
    coming = runtime.results("small", timeout=PATIENCE)
    with runtime:
        assert len(list(coming)) == 4
        assert runtime.wait(PATIENCE)
    (failure,) = runtime.failures
    assert failure.where == "sensor belt" and "identity" in failure.what and "gstreamer" in failure.what


@gstreamer
def test_what_is_wrong_is_said_and_a_live_pipeline_is_stopped(tmp_path: Path) -> None:
    source: dict[str, Any] = {"type": "gstreamer", "pipeline": "nosuchelement ! fakesink"}
    assert probe_format(source)["pixel"] == "yuv420p"  # it may be installed later
    with pytest.raises(NotFoundError, match='no element "nosuchelement"'):
        next(iter(open_source(source).frames()))
    live: Any = open_source({"type": "gstreamer", "pipeline": "videotestsrc is-live=true", "timeout": 0.0})
    frames, got = live.frames(), threading.Event()

    def read() -> None:
        for _ in frames:
            got.set()

    reading = threading.Thread(target=read)
    reading.start()
    assert got.wait(PATIENCE)
    live.interrupt()
    reading.join(PATIENCE)
    assert not reading.is_alive()
    live.close()


def test_a_library_that_is_no_source_is_refused(tmp_path: Path) -> None:
    fields = {"type": "library", "format": {"kind": "image", "pixel": "gray"}}
    with pytest.raises(NotFoundError, match=r"none\.so: no such file"):
        open_source({**fields, "library": "none.so"}, tmp_path).frames()
    (tmp_path / "bad.so").write_text("no library at all")
    with pytest.raises(UnavailableError, match=r"bad\.so.*check the path"):
        next(iter(open_source({**fields, "library": "bad.so"}, tmp_path).frames()))
    other = _native.__file__  # a library, and no source
    with pytest.raises(InvalidError, match="offers no source; it must export edgert_source_abi"):
        next(iter(open_source({**fields, "library": other}, tmp_path).frames()))
