"""Loading one model by itself, without documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import EngineError, InvalidError, NotFoundError, make

if TYPE_CHECKING:
    from ._native import Model


def load(
    file: str | Path, backend: str = "", threads: int = 1, engine: Mapping[str, Any] | None = None
) -> Model:
    """A model file (a path, or `zoo:NAME`) in an engine.

        session = edgert.load("zoo:face-detection-short").session()
        outputs = session.run(picture)     # picture: float32 [1, 128, 128, 3]

    `backend` is chosen by the file's ending when empty; `engine` holds options of the engine. Raises
    NotFoundError, UnavailableError (no such engine here) or InvalidError (the file is not what it should be).
    """
    from . import _native, engines, zoo

    engines.register()
    path = zoo.resolve(str(file))
    refuse_no_file(str(file), path, backend)
    try:
        return _native.load_model(str(path), backend=backend, threads=threads, engine=dict(engine or {}))
    except (InvalidError, EngineError) as error:
        if getattr(error, "hint", ""):
            raise
        hint = "check that it is a whole ONNX or TFLite model: fetch or export it again"
        raise make(type(error), error.where, error.what, hint) from error


def refuse_no_file(given: str, path: Path, backend: str) -> None:
    """Raises InvalidError or NotFoundError when this can't be a model file, as it was `given`."""
    where = given or "load"
    if not given:
        raise make(InvalidError, where, "the file has no name", "give a model file's path, or zoo:NAME")
    if path.is_dir():
        raise make(InvalidError, where, "is a folder, not a model file", "name the file in it")
    if not path.exists():
        raise make(NotFoundError, where, f"no such file ({path.absolute()})", "check the path")
    if not backend and path.suffix in (".yaml", ".yml"):
        hint = "run it with edgert.Runtime, or give the model file that it names"
        raise make(InvalidError, where, "is a document, not a model file", hint)
