"""Memory that two processes share: arrays laid one behind the other in a memfd, which can grow."""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from .base import Array

ALIGNED = 64
F_ADD_SEALS, F_SEAL_SHRINK = 1033, 2  # linux/fcntl.h

Place = tuple[str, tuple[int, ...], int]
"""dtype, shape and offset of an array."""


class Arena:
    """A memfd and its mapping. The seal keeps either side from shrinking it under the other's reads."""

    def __init__(self, fd: int | None = None) -> None:
        self.fd = os.memfd_create("edgert-transform", os.MFD_ALLOW_SEALING) if fd is None else fd
        if fd is None:
            fcntl.fcntl(self.fd, F_ADD_SEALS, F_SEAL_SHRINK)
        self._map: mmap.mmap | None = None

    def write(self, arrays: Sequence[Array]) -> list[Place]:
        """Copies arrays in; where they are then."""
        places: list[Place] = []
        end = 0
        for array in arrays:
            places.append((array.dtype.str, array.shape, end))
            end += -(-array.nbytes // ALIGNED) * ALIGNED
        self._reach(max(end, 1))
        for array, view in zip(arrays, self.read(places), strict=True):
            view[...] = array
        return places

    def read(self, places: Sequence[Place]) -> list[Array]:
        """Views of the arrays there. Raises ValueError where they don't fit in the memory."""
        views: list[Array] = []
        for dtype, shape, offset in places:
            kind: np.dtype[Any] = np.dtype(dtype)
            count = int(np.prod(shape, dtype=np.int64))
            self._reach(offset + count * kind.itemsize)
            assert self._map is not None
            views.append(np.frombuffer(self._map, kind, count, offset).reshape(shape))
        return views

    def close(self) -> None:
        """Gives the descriptor back; the mapping goes with its last view."""
        self._map = None
        os.close(self.fd)

    def _reach(self, size: int) -> None:
        """Sees that so many bytes are mapped."""
        size = max(size, 1)
        if self._map is not None and len(self._map) >= size:
            return
        if os.fstat(self.fd).st_size < size:
            os.ftruncate(self.fd, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE)
        self._map = mmap.mmap(self.fd, os.fstat(self.fd).st_size)
