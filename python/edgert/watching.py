"""Documents that change on disk while a runtime runs them: it follows."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .documents import DocumentErrors, DocumentSet
from .documents.answer import Labelled
from .documents.load import files_of, read
from .documents.resolve import is_zoo, located

if TYPE_CHECKING:
    from .runtime import Runtime

EVERY = 0.5  # s between two looks
Look = tuple[int, int, int] | None
"""What tells that a file changed without reading it; None: it isn't there."""


class Told(NamedTuple):
    """What became of a change."""

    deployed: bool
    text: str
    """What is new, other and gone; or why it was refused."""


class Watching:
    """Deploys a runtime's documents again when they change: the files themselves, files that come to or leave
    their folders, and the models, labels and policies' Python files that they name.

    A change is taken up once nothing has changed for `every` seconds, so that no half-written set is read.
    What is refused leaves what runs as it is, and the next change is tried. `told` is called, on the thread
    that looks, with what was deployed or why it wasn't. Make it before the Runtime, so that no change between
    the two is missed.
    """

    def __init__(
        self, paths: Iterable[str | Path], told: Callable[[Told], None], every: float = EVERY
    ) -> None:
        self._paths, self._told, self._every = [Path(path) for path in paths], told, every
        self._named: set[Path] = set()
        self._seen = self._done = self._look()
        self._tried: dict[Path, object] = {**_texts(self._paths)}  # contents, by file
        self._running: dict[Path, Look] = {}  # named files, as they were when they were deployed
        self._refused = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, runtime: Runtime) -> None:
        """Begins."""
        self._named = _named_files(runtime.documents)
        self._running = _looks(self._named)
        self._tried |= self._running
        self._thread = threading.Thread(target=self._watch, args=(runtime,), name="edgert-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends, after a deploy that has begun."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, runtime: Runtime) -> None:
        while not self._stop.wait(self._every):
            looks = self._look()
            if looks == self._seen and looks != self._done:
                self._done = looks
                try:
                    self._try(runtime)
                except Exception as error:  # whatever is wrong with them, what runs goes on
                    self._refused = True
                    self._told(Told(False, _reason(error)))
            self._seen = looks

    def _look(self) -> dict[Path, Look]:
        try:
            files = files_of(self._paths)
        except OSError:  # a folder that can't be listed: reading it says why
            files = []
        return _looks({*files, *self._named})

    def _try(self, runtime: Runtime) -> None:
        texts = _texts(self._paths)  # before they are read: what changes meanwhile is tried again
        given, before = read(self._paths), runtime.documents
        self._named = _named_files(given) | _named_files(before)
        files = _looks(_named_files(given))
        tried: dict[Path, object] = {**texts, **_looks(self._named)}
        if tried == self._tried:
            return
        self._tried = tried
        other = [f"other file {path.name}" for path, look in files.items() if look != self._running.get(path)]
        said = [*differences(before, given), *other]
        if not said and not given.problems:
            if self._refused:
                self._told(Told(True, "what runs is what they say again"))
            self._refused = False
            return
        began = time.perf_counter()
        number = runtime.deploy(given)
        took = time.perf_counter() - began
        self._running, self._refused = files, False
        self._told(Told(True, f"plan {number}, in {took:.2g} s: {', '.join(said)}"))


def differences(before: DocumentSet, after: DocumentSet) -> list[str]:
    """What is new, other and gone: "new Pipeline/people", "other Sensor/door", "no Model/faces"."""
    old = {(document.KIND, document.key): document for document in before.documents()}
    new = {(document.KIND, document.key): document for document in after.documents()}
    found = []
    for key, document in new.items():
        if (known := old.get(key)) is None:
            found.append(f"new {document.title}")
        elif (known.base, known.model_dump()) != (document.base, document.model_dump()):
            found.append(f"other {document.title}")
    return [*found, *(f"no {document.title}" for key, document in old.items() if key not in new)]


def _texts(paths: Iterable[Path]) -> dict[Path, bytes | None]:
    return {path: _text(path) for path in files_of(paths)}


def _text(path: Path) -> bytes | None:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return None


def _looks(paths: Iterable[Path]) -> dict[Path, Look]:
    return {path: _look_at(path) for path in paths}


def _look_at(path: Path) -> Look:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _named_files(documents: DocumentSet) -> set[Path]:
    """The models, labels and policies' files of these documents, but for those of the zoo."""
    found = set()
    for policy in documents.policies.values():
        file = policy.policy.rpartition(":")[0]
        if file.endswith(".py"):
            found.add(located(file, policy.base))
    for model in documents.models.values():
        labels = model.answer.labels if isinstance(model.answer, Labelled) else None
        for reference in (model.file, labels):
            if isinstance(reference, str) and not is_zoo(reference):
                found.add(located(reference, model.base))
    return found


def _reason(error: Exception) -> str:
    known = isinstance(error, (DocumentErrors, OSError)) or hasattr(error, "what")
    return str(error) if known else f"{type(error).__name__}: {error}"


__all__ = ["Told", "Watching", "differences"]
