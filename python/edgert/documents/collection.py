"""All documents that are deployed together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..titles import ByTitle
from .application import Application
from .base import Document
from .device import Device
from .errors import Problem, Refused, did_you_mean, problem_at
from .model import Model
from .pipeline import Pipeline
from .policy import Policy
from .profile import Profile
from .resolve import PREFIX, check_zoo, is_zoo
from .scheduler import Scheduler
from .sensor import Sensor
from .tuned import choice, lanes, tuned, tuned_device

NAMELESS = "?"
"""What `broken` calls a document whose name can't be used."""

ZOO_DOCUMENTS = Path(__file__).resolve().parent.parent / "zoo" / "documents"


class DocumentSet:
    """Documents by kind and name, and what was found wrong while they were read. Pipelines are by
    "application/name"; `pipelines[...]` takes the name alone, too, where one application has it.

    `problems` is empty after `load()`. `broken` holds the kind and name of documents that have no valid form:
    who refers to one of them isn't at fault. `rests` are what is left of those: they are checked, not run.
    """

    def __init__(self, *documents: Document) -> None:
        self.sensors: dict[str, Sensor] = {}
        self.models: dict[str, Model] = {}
        self.pipelines: ByTitle[Pipeline] = ByTitle()
        self.applications: dict[str, Application] = {}
        self.schedulers: dict[str, Scheduler] = {}
        self.profiles: dict[str, Profile] = {}
        self.policies: dict[str, Policy] = {}
        self.devices: dict[str, Device] = {}
        self.problems: list[Problem] = []
        self.broken: set[tuple[str, str]] = set()
        self.rests: list[Document] = []
        self._zoo: dict[str, Model] = {}
        self._tuned: dict[str, Model] = {}
        for document in documents:
            self.add(document)

    def add(self, document: Document) -> None:
        """Adds a document; a second one of its kind and name (and, of pipelines, application) becomes a
        problem."""
        table = self._table(document)
        if first := table.get(document.key):
            place = f", first in {first.origin.file}:{first.origin.line(('name',))}" if first.origin else ""
            of = f" of {document.owner}" if isinstance(document, Pipeline) else ""
            what = f"another {document.KIND}{of} has this name{place}"
            self.problems.append(problem_at(document, ("name",), what, "give one of them another name"))
        else:
            table[document.key] = document

    def plus(self, other: DocumentSet) -> DocumentSet:
        """A set of both's documents and problems."""
        both = DocumentSet()
        for table, known in zip(both._tables(), self._tables(), strict=True):
            table.update(known)
        for document in other.documents():
            both.add(document)
        both.problems += [*self.problems, *other.problems]
        both.broken = self.broken | other.broken
        both.rests = [*self.rests, *other.rests]
        both._zoo = {**other._zoo, **self._zoo}
        both._tuned = {} if other.profiles else dict(self._tuned)
        return both

    def without(self, gone: Callable[[Document], bool]) -> DocumentSet:
        """A set without some."""
        rest = DocumentSet(*(document for document in self.documents() if not gone(document)))
        rest._zoo = dict(self._zoo)
        return rest

    def documents(self) -> list[Document]:
        """All, by kind."""
        return [document for table in self._tables() for document in table.values()]

    def _tables(self) -> tuple[dict[str, Document], ...]:
        return (  # type: ignore[return-value]
            self.sensors,
            self.models,
            self.applications,
            self.schedulers,
            self.policies,
            self.devices,
            self.pipelines,
            self.profiles,
        )

    def model(self, reference: str) -> Model:
        """The Model document that a step names: one of these, or zoo:NAME, run as a Profile chose.

        Raises Refused.
        """
        document = self._written(reference)
        chosen = choice(self.profiles.values(), reference)
        if chosen is None:
            return document
        return self._tuned.setdefault(reference, tuned(document, chosen))

    def device(self, name: str) -> Device | None:
        """The Device document of that name, with the streams that a Profile chose; None: there is none."""
        found = self.devices.get(name)
        return found and tuned_device(self.profiles.values(), found)

    @property
    def lanes(self) -> int:
        """Lanes that a Profile chose; 0: none did."""
        return lanes(self.profiles.values())

    def _written(self, reference: str) -> Model:
        if is_zoo(reference):
            return self._of_zoo(reference)
        if reference in self.models:
            return self.models[reference]
        names = [*self.models, *(PREFIX + name for name in zoo_models())]
        raise Refused(f"there is no Model {reference!r}", did_you_mean(reference, names))

    @property
    def scheduler(self) -> Scheduler:
        """The Scheduler document, or one with the defaults."""
        return next(iter(self.schedulers.values()), Scheduler(name="default"))

    def is_broken(self, kind: str, name: str) -> bool:
        """Whether such a document was given, but isn't valid; or one whose name isn't, which may be it."""
        return (kind, name) in self.broken or (kind, NAMELESS) in self.broken

    def _of_zoo(self, reference: str) -> Model:
        name = reference[len(PREFIX) :]
        if name not in self._zoo:
            self._zoo[name] = _read_zoo_model(reference, name)
        return self._zoo[name]

    def _table(self, document: Document) -> dict[str, Document]:
        tables = {
            "Sensor": self.sensors,
            "Model": self.models,
            "Pipeline": self.pipelines,
            "Application": self.applications,
            "Scheduler": self.schedulers,
            "Profile": self.profiles,
            "Policy": self.policies,
            "Device": self.devices,
        }
        return tables[document.KIND]  # type: ignore[return-value]


def zoo_models() -> list[str]:
    """The names of the zoo's models that come with a Model document."""
    return sorted(path.stem for path in ZOO_DOCUMENTS.glob("*.yaml"))


def _read_zoo_model(reference: str, name: str) -> Model:
    from .load import read

    if name not in zoo_models():
        check_zoo(reference)
        remedy = f"write one: edgert inspect {reference} --document -o {name}.yaml"
        raise Refused(f"{reference} is in the zoo, but has no Model document", remedy)
    found = read([ZOO_DOCUMENTS / f"{name}.yaml"])
    if found.problems:
        raise Refused(str(found.problems[0]), "install edgert again")
    return found.models[name]
