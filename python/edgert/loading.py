"""Loading one model by itself, without documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    return _native.load_model(str(path), backend=backend, threads=threads, engine=dict(engine or {}))
