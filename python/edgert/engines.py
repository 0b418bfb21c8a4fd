"""Finding the engines' own libraries inside the Python packages that carry them, without importing those."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

# backend -> (package, pattern inside it, what to install for it)
HOMES: dict[str, tuple[str, str, str]] = {
    "onnxruntime": ("onnxruntime", "capi/libonnxruntime.so.[0-9]*", "onnxruntime"),
    "tflite": ("litert_lm", "liblitert-lm.so", "litert-lm-api"),
}


def find_library(backend: str) -> Path | None:
    """The backend's library in an installed package, or None."""
    if backend not in HOMES:
        return None
    package, pattern, _ = HOMES[backend]
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if found := sorted(Path(folder).glob(pattern)):
            return found[-1]
    return None


@cache
def register() -> None:
    """Tells the native module where the engines are. Once is enough; the environment variables
    EDGERT_ONNXRUNTIME_LIBRARY and EDGERT_TFLITE_LIBRARY come first."""
    from ._native import set_engine_library

    for backend in HOMES:
        if library := find_library(backend):
            set_engine_library(backend, str(library))


def advice(backend: str) -> str:
    """What to do when this backend is missing; empty when nothing can be installed for it."""
    return f"pip install {HOMES[backend][2]}" if backend in HOMES else ""
