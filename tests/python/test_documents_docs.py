"""The examples of docs/documents.md, and the zoo's own documents, are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from edgert import zoo
from edgert.documents import DocumentSet, Model, read
from edgert.documents.collection import zoo_models

PAGE = Path(__file__).parents[2] / "docs" / "documents.md"


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", examples("yaml"))
def test_yaml_examples(tmp_path: Path, text: str) -> None:
    (tmp_path / "example.yaml").write_text(text)
    found = read(tmp_path)
    assert [str(problem) for problem in found.problems] == []
    assert len(found.documents()) == 1


def test_the_python_example_makes_documents() -> None:
    lines = [line for line in examples("python")[0].splitlines() if "plan" not in line]
    made: dict[str, DocumentSet] = {}
    exec("\n".join(lines), made)  # the page's own text
    assert made["documents"].pipelines["cars"].steps[0].name == "all"


@pytest.mark.parametrize("name", zoo_models())
def test_a_zoo_document_is_of_its_model(name: str) -> None:
    model = DocumentSet().model(f"zoo:{name}")
    assert isinstance(model, Model) and model.name == name and model.file == f"zoo:{name}"
    assert zoo.info(name).kind == "model"
    labels = getattr(model.answer, "labels", None)
    if isinstance(labels, str):
        assert zoo.info(labels.removeprefix("zoo:")).kind == "labels"
