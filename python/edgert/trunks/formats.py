"""The file formats that can be cut: how each is read as a network, and how pieces of it are written."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .errors import Lacking
from .network import Hashed, Network
from .pieces import Piece

FORMATS = {".onnx": ("onnxruntime", "onnx"), ".tflite": ("tflite", "tflite")}
"""Engine, and the prefix of the modules that read and write it."""


def is_known(file: Path, backend: str) -> bool:
    """Whether models in such a file are compared, when this engine runs them ("": that of the format)."""
    return file.suffix in FORMATS and backend in ("", FORMATS[file.suffix][0])


def read(file: Path) -> Network:
    """A model file as a network. Raises Uncut when it can't be read or what reads it isn't installed."""
    network: Network = _module(file.suffix, "network").read(file)
    return network


def write(piece: Piece, networks: Sequence[Hashed], suffix: str) -> bytes:
    """A piece as a file of that format. Raises Uncut when it can't be written."""
    data: bytes = _module(suffix, "write").write(piece, networks)
    return data


def name_in(piece: Piece, networks: Sequence[Hashed], tensor: str, suffix: str) -> str:
    """What that file calls a tensor of the piece."""
    name: str = _module(suffix, "write").name_in(piece, networks, tensor)
    return name


def _module(suffix: str, what: str) -> Any:
    needed = {".onnx": ("onnx",), ".tflite": ()}[suffix]
    for package in needed:
        if find_spec(package) is None:
            raise Lacking(
                f"comparing {suffix[1:].upper()} models needs {package}: pip install 'edgert[trunks]'"
            )
    return import_module(f".{FORMATS[suffix][1]}_{what}", __package__)
