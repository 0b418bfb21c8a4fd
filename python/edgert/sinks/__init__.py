"""Sinks: where results leave. Each is called with one Result at a time and has close().

JsonLines writes text, AnnotatedVideo a video a camera, Pictures single annotated pictures, MqttSink messages
of an MQTT topic. Any function that takes a result serves as well: Runtime.on_result().
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .jsonl import JsonLines
    from .mqtt import MqttSink
    from .pictures import Pictures
    from .video import AnnotatedVideo

__all__ = ["AnnotatedVideo", "JsonLines", "MqttSink", "Pictures", "Sink"]

_HOMES = {"AnnotatedVideo": "video", "JsonLines": "jsonl", "MqttSink": "mqtt", "Pictures": "pictures"}


class Sink(Protocol):
    """Takes results, from one thread or several, until it is closed."""

    def __call__(self, result: Any) -> None: ...

    def close(self) -> None: ...


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module 'edgert.sinks' has no attribute {name!r}")
