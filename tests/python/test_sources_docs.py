"""docs/sources.md shows every type of source, and what it shows is valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from edgert.documents import read
from edgert.sources import TYPES, open_source

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split("name: ")[1].split()[0])
def test_each_example_is_valid_and_its_source_can_be_made(tmp_path: Path, text: str) -> None:
    (tmp_path / "example.yaml").write_text(text)
    found = read(tmp_path)
    assert [str(problem) for problem in found.problems] == []
    assert len(found.documents()) == text.count("kind: Sensor") + text.count("kind: Pipeline")
    for sensor in found.sensors.values():
        open_source(sensor.source, tmp_path).close()


def test_every_type_is_shown_and_stands_in_the_table() -> None:
    shown = set(re.findall(r"type: (\w+)", "".join(EXAMPLES)))
    assert set(TYPES) <= shown
    table = PAGE[PAGE.index("| type |") : PAGE.index("## video")]
    assert {name for name in TYPES if f"`{name}`" not in table} == set()


def test_every_key_of_a_source_is_on_the_page() -> None:
    from edgert.documents import sensor as sensors
    from edgert.documents.location import keys, parts_of

    for part in parts_of(sensors.Source):
        missing = [key for key in keys(part) if not re.search(rf"\b{key}\b", PAGE)]
        assert missing == [], f"{part.__name__}: the page doesn't mention {missing}"
