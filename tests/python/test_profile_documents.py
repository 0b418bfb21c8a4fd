"""Documents of kind Profile: what is read, refused, and applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import edgert
import pytest
from edgert.documents import DocumentErrors, Duration, load, read, schema
from edgert.planner import plan
from edgert.profile import to_yaml
from edgert.profile.writing import duration_text
from profile_made import PROFILE, box


def written(folder: Path, text: str = PROFILE, name: str = "tuned.yaml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def refused(folder: Path, text: str) -> str:
    with pytest.raises(DocumentErrors) as caught:
        load([box(folder), written(folder, text)])
    return str(caught.value).replace(f"{folder}/", "")


def test_a_profile_is_read(tmp_path: Path) -> None:
    profile = load([box(tmp_path), written(tmp_path)]).profiles["measured"]
    assert profile.box.cores == 4
    assert profile.engines == {"null": "1"}
    first, *_ = profile.models[0].points
    assert (first.place, first.p90, first.throughput) == ((1, 1, 1), 0.002, 1000)
    assert profile.chosen is not None and profile.chosen.lanes == 3


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    profile = load([box(tmp_path), written(tmp_path)]).profiles["measured"]
    again = read([written(tmp_path, to_yaml(profile), "again.yaml")])
    assert not again.problems
    assert again.profiles["measured"].model_dump() == profile.model_dump()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lanes: 3", "lanes: 0", "tuned.yaml:8: Profile/measured: 'chosen.lanes' is 0; write at least 1"),
        (
            "threads: 2, instances: 3",
            "threads: 0, instances: 3",
            "tuned.yaml:10: Profile/measured: 'threads' of item 1 of 'chosen.models' is 0; write at least 1",
        ),
        (
            "model: words, threads",
            "model: wrods, threads",
            "tuned.yaml:10: Profile/measured: there is no Model",
        ),
        (
            "p50: 2.5ms",
            "p50: 9ms",
            "tuned.yaml:18: Profile/measured: item 2 of 'points' of item 1 of 'models': p50, p90 and p99",
        ),
        ("p50: 2.5ms", "p50: 2.5", "needs its unit"),
        ("batch: 4", "batch: 1", "two points have 1, 1, 1 instances, threads and items"),
        (
            "throughput: 1300",
            "throughput: 0",
            "tuned.yaml:19: Profile/measured: 'throughput' of item 3 of 'points' of item 1 of 'models' is 0",
        ),
        ("content: 0123", "content: xyz", "content"),
        ("cores: 4", "coers: 4", "unknown key 'coers' in 'box'; did you mean 'cores'?"),
        ("date: '2026-01-02T03:04:05Z'", "date: yesterday", "date"),
        ("  points:\n", "  pionts:\n", "unknown key 'pionts'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert PROFILE.count(old) == 1
    assert said in refused(tmp_path, PROFILE.replace(old, new))


def test_no_points_and_no_models_are_told_apart(tmp_path: Path) -> None:
    without_points = PROFILE.split("  points:\n")[0] + "  points: []\n"
    assert "'points' of item 1 of 'models' has no items; write at least 1" in refused(
        tmp_path, without_points
    )
    assert load([box(tmp_path), written(tmp_path, PROFILE.split("models:\n- ")[0])]).profiles


def test_short_times_are_written_as_durations() -> None:
    texts = [duration_text(value) for value in (5.0000001e-8, 1e-9, 0.00099999, 0.0014021, 1.5, 123.4567)]
    assert texts == ["0.05us", "0.001us", "1000us", "1.402ms", "1500ms", "123457ms"]
    assert [float(Duration(text)) for text in texts] == pytest.approx(
        [5e-8, 1e-9, 0.001, 0.001402, 1.5, 123.457]
    )


def test_a_model_may_be_there_once(tmp_path: Path) -> None:
    twice = PROFILE + "- model: words" + PROFILE.split("- model: words")[1]
    assert "words is there twice; keep one of them" in refused(tmp_path, twice)


def test_two_choices_are_one_too_many(tmp_path: Path) -> None:
    other = PROFILE.replace("name: measured", "name: other")
    said = refused(tmp_path, f"{PROFILE}---\n{other}")
    assert "Profile/other: Profile/measured has chosen already how the box is run; keep one of them" in said


def test_a_choice_holds_over_the_model_document(tmp_path: Path) -> None:
    documents = load([box(tmp_path), written(tmp_path)])
    assert (documents.model("words").threads, documents.model("words").instances) == (2, 3)
    assert documents.model("words") is documents.model("words")
    assert documents.models["words"].threads == 1, "what was written stays as it is"
    assert documents.lanes == 3
    (model,) = models_of(documents)
    assert (model["threads"], model["instances"]) == (2, 3)


def models_of(documents: Any) -> Any:
    from edgert.planner.native import open_builder

    asked: list[dict[str, Any]] = []
    builder = open_builder()

    class Asked:
        def __getattr__(self, name: str) -> Any:
            return getattr(builder, name)

        def model(self, *given: Any, **options: Any) -> int:
            asked.append(options)
            return builder.model(*given, **options)

    plan(documents, Asked())  # type: ignore[arg-type]
    return asked


def test_chosen_lanes_are_made(tmp_path: Path) -> None:
    with edgert.Runtime([box(tmp_path), written(tmp_path)]) as runtime:
        assert len(runtime.metrics()["lanes"]) == 3
    with edgert.Runtime([box(tmp_path), written(tmp_path)], lanes=2) as runtime:
        assert len(runtime.metrics()["lanes"]) == 2, "what the caller says holds"


def test_the_schema_has_profiles() -> None:
    kind = schema.schema("Profile")
    assert {"kind", "name", "box", "engines", "date"} <= set(kind["required"])
    assert "chosen" in kind["properties"]
    assert "Profile" in json.dumps(schema.schema_of_all()["discriminator"])
