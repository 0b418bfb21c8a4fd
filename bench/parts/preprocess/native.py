"""edgert's image.to_tensor from Python for the benchmark: one thread, no runtime around it."""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import numpy.typing as npt

SOURCE = Path(__file__).parents[2] / "cpp" / "preprocess.cc"
DTYPES = {"float32": np.float32, "int8": np.int8}


def build(folder: Path) -> ctypes.CDLL:
    """The C++ part against the headers and the library of edgert; EDGERT_INCLUDE and EDGERT_LIBRARY (a
    folder) stand for those of the installed package."""
    include = Path(os.environ.get("EDGERT_INCLUDE", edgert.get_include()))
    library = Path(os.environ.get("EDGERT_LIBRARY", include.parent / "lib"))
    binary = folder / "preprocess.so"
    command = [
        os.environ.get("CXX", "g++"), "-O2", "-std=c++20", "-shared", "-fPIC", f"-I{include}", str(SOURCE),
        "-o", str(binary), f"-L{library}", "-ledgert", f"-Wl,-rpath,{library}",
    ]  # fmt: skip
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(binary))
    loaded.preprocess_open.restype = ctypes.c_void_p
    loaded.preprocess_run.restype = ctypes.c_double
    loaded.preprocess_output.restype = ctypes.c_void_p
    return loaded


class Native:
    """One way from a yuv420p frame to a tensor; run(n) is the mean of n runs in seconds."""

    def __init__(
        self, library: ctypes.CDLL, planes: list[npt.NDArray[np.uint8]], side: int, layout: str,
        filter_: str, dtype: str, scale: float, offset: float,
    ) -> None:  # fmt: skip
        self._library, self._planes = library, planes
        height, width = planes[0].shape
        pointers = (ctypes.c_void_p * 3)(*(plane.ctypes.data for plane in planes))
        strides = (ctypes.c_int64 * 3)(*(plane.strides[0] for plane in planes))
        message = ctypes.create_string_buffer(256)
        self._job = ctypes.c_void_p(
            library.preprocess_open(
                b"yuv420p", width, height, pointers, strides, 3, side, layout.encode(), filter_.encode(),
                dtype.encode(), (ctypes.c_double * 3)(*[scale] * 3), (ctypes.c_double * 3)(*[offset] * 3),
                message, ctypes.c_size_t(256),
            )
        )  # fmt: skip
        if not self._job:
            raise RuntimeError(message.value.decode())
        shape = (1, side, side, 3) if layout == "nhwc" else (1, 3, side, side)
        self._shape, self._dtype = shape, np.dtype(DTYPES[dtype])

    def run(self, runs: int) -> float:
        return float(self._library.preprocess_run(self._job, runs))

    def output(self) -> npt.NDArray[Any]:
        """A copy of what the last run wrote."""
        count = int(np.prod(self._shape)) * self._dtype.itemsize
        raw = ctypes.string_at(self._library.preprocess_output(self._job), count)
        return np.frombuffer(raw, self._dtype).reshape(self._shape)

    def close(self) -> None:
        self._library.preprocess_close(self._job)
