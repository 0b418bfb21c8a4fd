"""Run times that a plan has from profiles, before anything ran."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from edgert import Runtime
from edgert.contents import sha256_of
from edgert.documents import read
from edgert.profile.box import engine_versions, this_box
from profile_made import PROFILE, box


def documents(folder: Path, profile: str) -> list[str]:
    file = folder / "profile.yaml"
    file.write_text(profile)
    return [str(box(folder)), str(file)]


def of_this_box(folder: Path) -> str:
    """The profile as if it were measured here, of the file that is here."""
    box(folder)
    here = this_box()
    text = PROFILE.replace("cpu: A processor, cores: 4, machine: x86_64",
                           f"cpu: '{here.cpu}', cores: {here.cores}, machine: {here.machine}")  # fmt: skip
    text = text.replace("{'null': '1'}", f"{{'null': '{engine_versions(['null'])['null']}'}}")
    return text.replace("0123456789abcdef" * 4, sha256_of(folder / "words.null"))


def expected_ms(files: list[str]) -> float:
    """What the core expects of the model's queue; 0: nothing."""
    with Runtime(read(files), policy="edf") as runtime:
        supervisor = runtime._policy._supervised()
        from edgert.policy.record import Reader

        now = Reader(supervisor._outline).read(runtime._native.load(), {}, {})
    return next(queue.expected_ms for queue in now.queues.values() if queue.is_model)


def test_a_profile_of_this_box_says_what_a_run_takes(tmp_path: Path) -> None:
    # Chosen are two threads, of which a run alone took 0.6 ms at the median.
    assert expected_ms(documents(tmp_path, of_this_box(tmp_path))) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("cpu: '", "cpu: 'another ", "it was measured on another"),
        ("engines: {'null': '", "engines: {'null': '0.", "it was measured with null 0."),
    ],
)
def test_a_stale_profile_says_nothing_and_why(
    tmp_path: Path, old: str, new: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "edgert.planner"):
        assert expected_ms(documents(tmp_path, of_this_box(tmp_path).replace(old, new))) == 0
    assert reason in caplog.text


def test_of_another_file_nothing_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = of_this_box(tmp_path)
    changed = text.replace(sha256_of(tmp_path / "words.null"), "f" * 64)
    with caplog.at_level(logging.WARNING, "edgert.planner"):
        assert expected_ms(documents(tmp_path, changed)) == 0
    assert "the model words was another file" in caplog.text
