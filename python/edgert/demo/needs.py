"""What the demo must have: engines, packages, and files from the zoo."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UnavailableError, make

if TYPE_CHECKING:
    from ..documents import DocumentSet
    from ..zoo.progress import Progress

PREFIX = "zoo:"

PACKAGES = {"av": "media", "soundfile": "media", "PIL": "media", "matplotlib": "report"}
CALLED = {"PIL": "pillow"}


def require(names: list[str]) -> None:
    """Raises UnavailableError that names every engine and package that is missing; fetches nothing.

    `names` are the zoo's names that will be asked for: some of those are made here, which takes a package.
    """
    from .. import _native, engines, zoo

    engines.register()
    there = {backend["name"] for backend in _native.backends() if backend["available"]}
    lacking = {f"the engine {name}": name for name in engines.HOMES if name not in there}
    packages = dict(PACKAGES)
    if any(zoo.info(name).recipe and not zoo.cached(name) for name in names):
        packages["onnx"] = "zoo"
    for module, extra in packages.items():
        if find_spec(module) is None:
            lacking[CALLED.get(module, module)] = extra
    if lacking:
        extras = ",".join(dict.fromkeys(lacking.values()))
        hint = f"pip install 'edgert[{extras}]'; `edgert doctor` says more"
        raise make(UnavailableError, "the demo", f"lacks {', '.join(lacking)}", hint)


def needs(documents: DocumentSet) -> list[str]:
    """The zoo's names that documents refer to, each once."""
    from ..documents import ModelStep

    found: dict[str, None] = {}
    for document in documents.documents():
        found.update(dict.fromkeys(_references(document.model_dump())))
    for pipeline in documents.pipelines.values():
        for step in pipeline.steps:
            if isinstance(step, ModelStep):
                found.update(dict.fromkeys(_references(documents.model(step.model).model_dump())))
    return list(found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(PREFIX):
        yield value[len(PREFIX) :]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _references(item)


def fetch(names: list[str], offline: bool, progress: Progress) -> dict[str, Path]:
    """Their files; what is missing is fetched. Raises UnavailableError when `offline` and something is
    missing."""
    from .. import zoo

    missing = [name for name in names if not zoo.cached(name)]
    if missing and offline:
        what = f"{len(missing)} of {len(names)} files are not in the cache: {', '.join(missing)}"
        raise make(UnavailableError, str(zoo.folder()), what, "run it once without --offline")
    return zoo.get_many(names, progress=progress)
