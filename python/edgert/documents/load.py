"""Reads documents from files and folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from . import yaml_text
from .base import NAME, Origin
from .collection import NAMELESS, DocumentSet
from .errors import DocumentErrors, Problem, did_you_mean
from .pipeline import Pipeline
from .salvage import salvage
from .validate import KINDS, problems

SUFFIXES = (".yaml", ".yml")
PLAN = b"EDGERTPL"  # so begins what edgert compile writes


def load(paths: Iterable[str | Path] | str | Path) -> DocumentSet:
    """The documents of these files and folders, checked against each other.

    Raises DocumentErrors with every problem.
    A folder's are its *.yaml and *.yml files. Nothing is fetched or opened: `edgert.planner.plan` does that.
    """
    from .check import check

    documents = read(paths)
    if found := [*documents.problems, *check(documents)]:
        raise DocumentErrors(in_order(found))
    return documents


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems by file and line."""
    return sorted(problems, key=lambda problem: (str(problem.file or ""), problem.line))


def read(paths: Iterable[str | Path] | str | Path) -> DocumentSet:
    """The valid documents of these files and folders; what is wrong with others is in `problems`."""
    documents = DocumentSet()
    chosen = [paths] if isinstance(paths, (str, Path)) else paths
    seen: set[str] = set()
    for path in chosen:
        for file in _files(Path(path), documents):
            place = os.path.realpath(file)  # as it is, where links go in a circle
            if place not in seen:
                seen.add(place)
                _read_file(file, documents)
    return documents


def files_of(paths: Iterable[str | Path]) -> list[Path]:
    """The files that read() reads, whether they are there or not."""
    return [file for path in paths for file in _files(Path(path))]


def _files(path: Path, documents: DocumentSet | None = None) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    if not files and documents is not None:
        documents.problems.append(
            Problem("no documents in this folder", "they are *.yaml files", "", path, 0)
        )
    return files


def _read_file(file: Path, documents: DocumentSet) -> None:
    try:
        content = file.read_bytes()
        if content.startswith(PLAN):
            remedy = "run the documents that it was made of; a plan is for the C++ runtime"
            documents.problems.append(
                Problem("this is a compiled plan, not documents", remedy, file=file, line=0)
            )
            return
        text = content.decode("utf-8")
    except FileNotFoundError:
        documents.problems.append(Problem("no such file", "check the path", file=file, line=0))
        return
    except (OSError, UnicodeDecodeError) as error:
        remedy = "documents are YAML, in UTF-8"
        documents.problems.append(Problem(f"can't be read: {error}", remedy, file=file, line=0))
        return
    before = len(documents.documents()) + len(documents.problems)
    try:
        for part in yaml_text.read(text):
            _read_document(part, file, documents)
    except yaml_text.SyntaxProblem as problem:
        documents.problems.append(Problem(problem.what, problem.remedy, file=file, line=problem.line))
    if len(documents.documents()) + len(documents.problems) == before:
        documents.problems.append(
            Problem("no document in this file", "write one, or leave the file out", file=file, line=1)
        )


def _read_document(text: yaml_text.Text, file: Path, documents: DocumentSet) -> None:
    origin = Origin(file, text.lines)
    if text.data is None:
        return
    kind = text.data.get("kind") if isinstance(text.data, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        documents.problems.append(_no_kind(text.data, origin))
        return
    name = text.data.get("name")
    title = _title(kind, text.data)
    found = [Problem(item.what, item.remedy, title, file, item.line) for item in text.problems]
    try:
        document = KINDS[kind].model_validate(text.data)
    except ValidationError as error:
        said = {item.line for item in text.problems}  # what can't be read needs no second reason
        wrong = list(problems(KINDS[kind], error, text.data))
        for route, what, remedy in wrong:
            if origin.line(route) not in said:
                found.append(Problem(what, remedy, title, file, origin.line(route)))
        rest = salvage(KINDS[kind], text.data, [route for route, _, _ in wrong], origin)
        documents.rests += [rest] if rest is not None else []
    else:
        document._origin = origin
        if not found:
            documents.add(document)
    if found:
        documents.broken.add((kind, name if isinstance(name, str) and re.match(NAME, name) else NAMELESS))
    documents.problems.extend(sorted(found, key=lambda problem: problem.line))


def _title(kind: str, data: dict[Any, Any]) -> str:
    """As Document.title, of data that may be none."""
    name = data.get("name")
    owner = data.get("application") if kind == Pipeline.KIND else None
    parts = [kind, *([owner] if isinstance(owner, str) else []), name if isinstance(name, str) else NAMELESS]
    return "/".join(parts)


def _no_kind(data: Any, origin: Origin) -> Problem:
    known = ", ".join(KINDS)
    if not isinstance(data, dict):
        return Problem(
            "a document is keys and values",
            "begin with kind and name",
            file=origin.file,
            line=origin.line(()),
        )
    if "kind" not in data:
        return Problem(
            "the document has no kind", f"say kind: one of {known}", file=origin.file, line=origin.line(())
        )
    remedy = did_you_mean(data["kind"], KINDS)
    return Problem(f"unknown kind {data['kind']!r}", remedy, file=origin.file, line=origin.line(("kind",)))
