"""The models of a plan: opened once for each document, with their inputs and outputs checked against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from edgert.documents import Input, Model, Refused
from edgert.documents.errors import did_you_mean
from edgert.documents.resolve import resolve_path
from edgert.trunks.formats import is_known

from .devices import Devices
from .instances import instances_of
from .native import Array, Builder, array, blamed_on, described
from .shapes import matches

Tensor = Mapping[str, Any]
OPENED = "give an intact model file that this engine can run"


@dataclass(frozen=True)
class Opened:
    """A model in the plan."""

    document: Model
    file: Path
    index: int
    """In the plan; -1: it runs in pieces only."""
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    fed: dict[str, Input]
    """The inputs that steps feed, by name."""
    constants: dict[str, Array]

    @cached_property
    def may_be_cut(self) -> bool:
        """Whether it is of a format that trunks are found in."""
        return is_known(self.file, self.document.backend)

    def index_of(self, output: str) -> int:
        """The position of an output."""
        return list(self.outputs).index(output)


@dataclass
class Models:
    """Opens models, and remembers which of them can't be used."""

    builder: Builder
    known: dict[int, Opened] = field(default_factory=dict)
    """What needs no opening, since only pieces of it run."""
    opened: dict[tuple[int, str], Opened] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)
    devices: Devices | None = None
    """Where models are placed; None: all on the processor."""
    owner: str = ""
    """Whose alone the models are that are opened now; empty: everybody's."""

    def open(self, document: Model) -> Opened:
        """The model of this document. Raises Refused, at the document's own line; again for each caller."""
        if id(document) in self.refused:
            raise self.refused[id(document)]
        key = (id(document), self.owner)
        if key not in self.opened:
            try:
                self.opened[key] = self._open(document)
            except Refused as refused:
                refused.document = refused.document or document
                self.refused[id(document)] = refused
                raise
        return self.opened[key]

    def _open(self, document: Model) -> Opened:
        if (known := self.known.get(id(document))) is not None:
            return replace(known, index=-1)
        file = resolve_path(document.file, document.base, document, ("file",))
        index = self._batched(document, file) if document.batch > 1 else None
        if index is None:
            index = self._single(document, file)
        if self.devices:
            self.devices.place(document, index)
        io = self.builder.model_io(index)
        inputs = {tensor["name"]: tensor for tensor in io["inputs"]}
        outputs = {tensor["name"]: tensor for tensor in io["outputs"]}
        _check_names(document, inputs, outputs)
        constants = {name: _constant(document, name, inputs[name]) for name in document.constants}
        return Opened(document, file, index, inputs, outputs, _fed(document, inputs), constants)

    def _batched(self, document: Model, file: Path) -> int | None:
        """None where a profile chose batches, and the model can't have them. Raises Refused."""
        try:
            with blamed_on(document, ("batch",)):
                return self._model(document, file, document.batch)
        except Refused:
            if document.batch_tuned:
                return None
            self._single(document, file)  # a file that can't be opened at all is told as that
            raise

    def _single(self, document: Model, file: Path) -> int:
        with blamed_on(document, ("file",), f"the model {document.file} can't be used", OPENED):
            return self._model(document, file, 1)

    def _model(self, document: Model, file: Path, batch: int) -> int:
        return self.builder.model(
            document.name,
            str(file),
            backend=document.backend,
            threads=document.threads,
            instances=instances_of(document.instances, file, document.backend),
            engine=dict(document.engine),
            batch=batch,
            devices=self.devices.indices_of(document) if self.devices else [-1],
        )


def _check_names(document: Model, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> None:
    for key in ("inputs", "constants", "state"):
        for name in getattr(document, key):
            if name not in inputs:
                what = f"the model has no input {name!r}"
                raise Refused(what, did_you_mean(name, inputs, "it has"), (key, name), document)
    for name, output in document.state.items():
        if output not in outputs:
            what = f"the model has no output {output!r}"
            raise Refused(what, did_you_mean(output, outputs, "it has"), ("state", name), document)
        before, after = inputs[name], outputs[output]
        if before["dtype"] != after["dtype"] or not matches(before["shape"], after["shape"]):
            what = f"output {output!r} is {described(after)}, and input {name!r} is {described(before)}"
            raise Refused(what, "a state is an output that comes back as it is", ("state", name), document)
    for key in document.answer.TENSORS:
        if (output := getattr(document.answer, key)) is not None and output not in outputs:
            what = f"the model has no output {output!r}"
            raise Refused(what, did_you_mean(output, outputs, "it has"), ("answer", key), document)


def _fed(document: Model, inputs: Mapping[str, Tensor]) -> dict[str, Input]:
    given = {*document.constants, *document.state}
    free = [name for name in inputs if name not in given]
    if document.input is None:
        missing = [name for name in free if name not in document.inputs]
        if missing:
            raise _unfed(document, missing, inputs, ("inputs",))
        return dict(document.inputs)
    if len(free) != 1:
        raise _unfed(document, free, inputs, ("input",))
    return {free[0]: document.input}


def _unfed(
    document: Model, names: list[str], inputs: Mapping[str, Tensor], route: tuple[str, ...]
) -> Refused:
    if not names:
        return Refused("constants and state feed every input", "leave one to the steps", route, document)
    listed = ", ".join(f"{name} ({described(inputs[name])})" for name in names)
    what = (
        f"the model's input {listed} isn't fed"
        if len(names) == 1
        else f"the model has several inputs: {listed}"
    )
    return Refused(what, "name each in inputs, constants or state", route, document)


def _constant(document: Model, name: str, tensor: Tensor) -> Array:
    route = ("constants", name)
    try:
        value = array(document.constants[name], tensor["dtype"], tensor["shape"])
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused(
            f"{name!r} can't be {described(tensor)}: {error}", "correct it", route, document
        ) from None
    if not matches(value.shape, tensor["shape"]):
        what = f"{name!r} has the shape {list(value.shape)}, and the model wants {described(tensor)}"
        raise Refused(what, "write it in that shape", route, document)
    return value
