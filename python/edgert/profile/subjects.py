"""Which models are meant: files, zoo:NAME, and those of documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgert.documents import DocumentErrors, DocumentSet, Model, Refused, read, resolve_path
from edgert.documents.errors import problem_at
from edgert.documents.load import SUFFIXES, in_order
from edgert.documents.resolve import is_zoo
from edgert.documents.steps import ModelStep
from edgert.errors import InvalidError, make


@dataclass(frozen=True)
class Subject:
    """A model to be measured."""

    reference: str
    """As steps call it; of a bare file, its path."""
    file: Path
    backend: str = ""
    """Empty: by the file's ending."""
    engine: dict[str, Any] = field(default_factory=dict)
    document: Model | None = None
    """What says how its inputs are fed; None of a bare file."""

    @property
    def title(self) -> str:
        """For people."""
        return self.reference.removeprefix("zoo:")


def given(models: Iterable[str | Path], devices: Iterable[str] = ()) -> tuple[DocumentSet, list[str]]:
    """The documents among what was given, with those of devices; and the devices' names. A device that
    computes needs no profile to be measured: one that it names, and that may not be written yet, is left
    out.

    Raises DocumentErrors for documents of devices that aren't well, NotFoundError for a file that isn't
    there.
    """
    papers = [str(name) for name in models if is_document(str(name))]
    documents = read(papers) if papers else DocumentSet()
    names: list[str] = []
    for name in devices:
        if not is_document(name):
            names.append(name)
            continue
        found = _devices_in(name)
        known = documents.documents()
        documents = documents.plus(found.without(lambda one, known=known: one in known))  # type: ignore[misc]
        names += found.devices
    return measurable(documents), list(dict.fromkeys(names))


def measurable(documents: DocumentSet) -> DocumentSet:
    """The documents, with devices that compute as if they named no profile."""
    for device in documents.devices.values():
        if device.type != "sim":
            documents.devices[device.name] = device.model_copy(update={"profile": None})
    return documents


def _devices_in(file: str) -> DocumentSet:
    found = read([file])
    if found.problems:
        raise DocumentErrors(in_order(found.problems))
    if not found.devices:
        hint = "name a file with a document of kind Device, or one of the documents' devices"
        raise make(InvalidError, f"--device {file}", "there is no Device document in it", hint)
    return found


def subjects(given: Iterable[str | Path], documents: DocumentSet | None = None) -> list[Subject]:
    """The models of files, zoo:NAME and documents (files and folders), each once, in order. `documents`: what
    was read of them.

    Raises DocumentErrors for documents that aren't well, NotFoundError for a file that isn't there, ZooError
    for a name that the zoo hasn't got, InvalidError when there is no model at all.
    """
    names = [str(one) for one in given]
    papers = [name for name in names if is_document(name)]
    found = {subject.reference: subject for name in names if name not in papers for subject in [bare(name)]}
    if papers:
        read_ones = documents if documents is not None else read(papers)
        found.update({subject.reference: subject for subject in of_documents(read_ones)})
    if not found:
        hint = "name a model (a file, or zoo:NAME), or documents that have one"
        raise make(InvalidError, " ".join(names) or "models", "there is no model", hint)
    return list(found.values())


def is_document(name: str) -> bool:
    """Whether this names documents, not a model."""
    return not is_zoo(name) and (Path(name).suffix in SUFFIXES or Path(name).is_dir())


def bare(name: str) -> Subject:
    """The model of a file, or of the zoo, with the zoo's document where it has one."""
    from edgert import zoo
    from edgert.loading import refuse_no_file

    document = None
    if is_zoo(name):
        try:
            document = DocumentSet().model(name)
        except Refused:
            document = None  # in the zoo, but without a document; or not in the zoo, which resolve() says
    path = zoo.resolve(name)
    refuse_no_file(name, path, "")
    return _of_document(name, document, path) if document else Subject(name, path)


def of_documents(documents: DocumentSet) -> list[Subject]:
    """Those that steps name, then the others. Raises DocumentErrors."""
    from edgert.documents.check import check

    problems = [*documents.problems, *check(documents)]
    steps = [step for pipeline in documents.pipelines.values() for step in pipeline.steps]
    named = [step.model for step in steps if isinstance(step, ModelStep)]
    found: list[Subject] = []
    for reference in dict.fromkeys([*named, *documents.models]):
        try:
            document = documents.model(reference)
            file = resolve_path(document.file, document.base, document, ("file",))
            found.append(_of_document(reference, document, file))
        except Refused as refused:  # a name that isn't there: check() has said it, with its line
            if refused.document:
                problems.append(problem_at(refused.document, refused.route, refused.what, refused.remedy))
    if problems:
        raise DocumentErrors(in_order(dict.fromkeys(problems)))
    return found


def _of_document(reference: str, document: Model, file: Path) -> Subject:
    return Subject(reference, file, document.backend, dict(document.engine), document)
