"""The native plan builder as the planner sees it, and its errors as problems of documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from edgert.documents import Document, Refused
from edgert.documents.base import Route

Params = dict[str, Any]
Array = npt.NDArray[Any]


class Value(Protocol):
    """One output of one node in a plan under construction. `scope` is where it runs."""

    @property
    def node(self) -> int: ...
    @property
    def scope(self) -> int: ...
    @property
    def identity(self) -> str: ...
    @property
    def spec(self) -> dict[str, Any]: ...
    def out(self, index: int) -> Any: ...


class Builder(Protocol):
    """edgert._native.PlanBuilder."""

    @property
    def fuses(self) -> bool: ...
    def application(
        self,
        name: str,
        weight: float = ...,
        *,
        priority: int = ...,
        rate_limit: float = ...,
        queue_limit: int = ...,
        memory_limit: int = ...,
        share: float = ...,
        shares: dict[str, float] = ...,
        cache: str = ...,
    ) -> None: ...
    def device(
        self, name: str, type: str = ..., streams: int = ..., in_flight: int = ..., gpu: int = ...
    ) -> int: ...
    def run_times(self, device: int, model: int, times: dict[str, Any]) -> None: ...
    def private_to(self, owner: str) -> None: ...
    def sensor(
        self,
        name: str,
        format: dict[str, Any],
        inbox: str = ...,
        queue: int = ...,
        in_flight: int = ...,
        cache: bool = ...,
    ) -> Any: ...
    def model(
        self,
        name: str,
        file: str,
        backend: str = ...,
        threads: int = ...,
        instances: int = ...,
        engine: dict[str, Any] = ...,
        batch: int = ...,
        devices: list[int] = ...,
    ) -> int: ...
    def model_io(self, model: int) -> dict[str, Any]: ...
    def expect(self, model: int, run_ms: float) -> None: ...
    def transform(self, op: str, params: Params, inputs: list[Any], name: str = ...) -> Any: ...
    def outputs(self, op: str, params: Params, inputs: list[Any]) -> list[Any]: ...
    def run_model(
        self,
        model: int,
        inputs: dict[str, Any],
        constants: dict[str, Array] = ...,
        state: dict[str, str] = ...,
        name: str = ...,
        carry_over_gaps: bool = ...,
    ) -> Any: ...
    def region(self, rows: Any, apart: str = ...) -> Any: ...
    def gather(self, value: Any, stack: bool = ...) -> Any: ...
    def gate(
        self,
        value: Any,
        index: int = ...,
        above: float | None = ...,
        below: float | None = ...,
        reduce: str = ...,
        hold_ms: float = ...,
        under: Any = ...,
        name: str = ...,
    ) -> Any: ...
    def join(
        self,
        frame: Any,
        value: Any,
        by: str = ...,
        tolerance_ms: float | None = ...,
        wait_ms: float | None = ...,
        clock: str = ...,
        rows: bool = ...,
        under: Any = ...,
        name: str = ...,
    ) -> Any: ...
    def pipeline(
        self,
        name: str,
        application: str,
        sensor: Any,
        outputs: list[tuple[str, Any, Any]],
        rate: float = ...,
        every: int = ...,
        latency_ms: float = ...,
        on_miss: str = ...,
        queue: int = ...,
        when_full: str = ...,
        overload: str = ...,
        share: str = ...,
        reuse: list[Any] = ...,
    ) -> int: ...
    def waits_for_itself(self, sensor: Any, outputs: list[tuple[str, Any, Any]]) -> bool: ...
    def finish(self) -> Any: ...


class OfStep:
    """A builder whose nodes are called as the step that they are made for, which errors name. What runs by
    rows is shared only with those that say the same `apart`."""

    def __init__(self, builder: Builder, step: str, apart: str = "") -> None:
        self._builder, self._step, self._apart = builder, step, apart

    def transform(self, op: str, params: Params, inputs: list[Any]) -> Any:
        """As the builder's."""
        return self._builder.transform(op, params, inputs, self._step)

    def region(self, rows: Any) -> Any:
        """As the builder's."""
        return self._builder.region(rows, self._apart)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._builder, name)


def open_builder(fuse: bool = True) -> Builder:
    """A native builder that knows where the engines are. Without `fuse`, every transform is a node."""
    from edgert import _native, engines, plugins

    engines.register()
    plugins.load_named()
    builder: Builder = _native.PlanBuilder(fuse)
    return builder


@contextmanager
def blamed_on(
    document: Document | None, route: Route = (), what: str = "", remedy: str = ""
) -> Iterator[None]:
    """An error of the native module inside becomes Refused at that place.

    `what` says what was tried; `remedy` what to do when the error doesn't say.
    """
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        said = said_by(error)
        if said is None:
            raise
        text = _unnamed(said[0], document)
        text = f"{what}: {text}" if what else text
        raise Refused(text, said[1] or remedy, route, document) from error


def _unnamed(text: str, document: Document | None) -> str:
    """Without the model and the file that the error names first: the problem begins with its document."""
    if document is None:
        return text
    file = Path(str(getattr(document, "file", ""))).name
    return text.removeprefix(f"model '{document.name}': ").removeprefix(f"{file}: ")


def said_by(error: Exception) -> tuple[str, str] | None:
    """What an error of edgert's kind (native, a source's, the zoo's) says: what, and what to do; or None."""
    if isinstance(error, OSError):
        return str(error), "check that it is there and can be read"
    if not hasattr(error, "what"):
        return None
    where, hint = getattr(error, "where", ""), getattr(error, "hint", getattr(error, "remedy", ""))
    return (f"{where}: {error.what}" if where else str(error.what)), hint


def array(value: Any, dtype: str, shape: Sequence[int]) -> Array:
    """A document's constant as an array; a number fills a shape of ones. Raises ValueError, OverflowError."""
    made = np.asarray(value, dtype=np.dtype(dtype))
    if made.ndim == 0 and len(shape) and all(extent in (1, -1) for extent in shape):
        made = made.reshape((1,) * len(shape))
    return made


def described(tensor: Mapping[str, Any]) -> str:
    """A tensor in words: "float32 [1, 128, 128, 3]"."""
    shape = ", ".join("?" if extent < 0 else str(extent) for extent in tensor["shape"])
    return f"{tensor['dtype']} [{shape}]"


def frame_described(format: Mapping[str, Any]) -> str:
    """A sensor's frames in words."""
    match format.get("kind"):
        case "image":
            size = f" {format['width']}×{format['height']}" if format.get("width") else ""
            return f"pictures ({format.get('pixel', '?')}{size})"
        case "audio":
            return f"sound ({format.get('rate')} Hz × {format.get('channels', 1)})"
        case "table":
            return f"rows ({len(format.get('columns', []))} columns at {format.get('rate', 0):g} Hz)"
    return str(format)
