"""Reads a dictionary of tensors out of PyTorch's older file format (.pth) without PyTorch.

Such a file is a row of pickles (a magic number, a version, the writer's machine, the dictionary, the keys of
the storages) and then each storage: a count as 8 bytes, and its numbers. A pickle can call anything, so this
unpickler knows a handful of harmless names and refuses every other.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ZooError

_STORAGES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}
_MAGIC = 0x1950A86A20F9469CFC6C


@dataclass(frozen=True)
class _Storage:
    """A run of numbers, named by its key."""

    dtype: str
    key: str


@dataclass(frozen=True)
class _Tensor:
    """A strided view of a storage; offset and strides in elements."""

    storage: _Storage
    offset: int
    shape: Sequence[int]
    strides: Sequence[int]


def read_tensors(file: Path) -> dict[str, NDArray[Any]]:
    """The file's tensors by name. Raises ZooError when it is no such file, or asks for anything else."""
    with file.open("rb") as stream:
        try:
            return _read(stream)
        except (pickle.UnpicklingError, EOFError, LookupError, TypeError, ValueError) as error:
            raise ZooError(
                str(file), f"can't be read as weights ({error})", "remove it, and get it again"
            ) from error


def _read(stream: IO[bytes]) -> dict[str, NDArray[Any]]:
    if _Unpickler(stream).load() != _MAGIC:
        raise pickle.UnpicklingError("no magic number")
    _version, _machine, tensors, keys = (_Unpickler(stream).load() for _ in range(4))
    dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
    storages = {key: _numbers(stream, dtypes[key]) for key in keys}
    return {name: _view(tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}


def _numbers(stream: IO[bytes], dtype: str) -> NDArray[Any]:
    count = int.from_bytes(stream.read(8), "little")
    return np.frombuffer(stream.read(count * np.dtype(dtype).itemsize), dtype)


def _view(tensor: _Tensor, numbers: NDArray[Any]) -> NDArray[Any]:
    """A copy; numpy refuses a view that leaves its storage."""
    strides = [stride * numbers.itemsize for stride in tensor.strides]
    offset = tensor.offset * numbers.itemsize
    return np.array(np.ndarray(tensor.shape, numbers.dtype, numbers, offset, strides))


def _tensor(storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


_KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        if (module, name) in _KNOWN:
            return _KNOWN[module, name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, identity: Any) -> _Storage:
        """Identity: ("storage", type, key, device, count, view)."""
        return _Storage(dtype=identity[1], key=identity[2])
