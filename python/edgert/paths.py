"""Where the C++ headers and the CMake config lie inside the installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def get_include() -> str:
    """The folder for the C++ compiler's -I."""
    return str(_PACKAGE / "include")


def get_cmake_dir() -> str:
    """The folder for CMake's `-Dedgert_DIR=`, or to put on CMAKE_PREFIX_PATH."""
    return str(_PACKAGE / "lib" / "cmake" / "edgert")
