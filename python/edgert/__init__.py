"""edgert: many models of many applications on one box, each thing computed once.

    with edgert.Runtime("box.yaml") as runtime:
        for result in runtime.results("shop/people"):
            print(result.media_time, result.outputs)

Importing this loads nothing heavy; each name below comes with its first use.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as typing has it, whose import alone costs more than this module

if TYPE_CHECKING:
    from typing import Any

    from . import errors
    from ._native import Session, dedicate_process
    from .loading import load
    from .paths import get_cmake_dir, get_include
    from .plugins import load_plugin
    from .policy import Policy
    from .runtime import Runtime
    from .sharing import Share, attach

    __version__: str

__all__ = [
    "Policy",
    "Runtime",
    "Session",
    "Share",
    "__version__",
    "attach",
    "dedicate_process",
    "errors",
    "get_cmake_dir",
    "get_include",
    "load",
    "load_plugin",
]

# name -> module of this package that has it
_HOMES = {
    "Policy": "policy",
    "Runtime": "runtime",
    "Session": "_native",
    "Share": "sharing",
    "attach": "sharing",
    "dedicate_process": "_native",
    "get_cmake_dir": "paths",
    "get_include": "paths",
    "load": "loading",
    "load_plugin": "plugins",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("edgert")
    if name == "errors":
        return import_module(".errors", __name__)
    if name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'edgert' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
