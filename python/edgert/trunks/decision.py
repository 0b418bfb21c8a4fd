"""What was decided about models that are fed alike, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Asked = tuple[int, float]
"""Into so many pieces (0: as many as it takes), or into ones of so many seconds at most (0: not said)."""


@dataclass(frozen=True)
class Member:
    """A model with what feeds it. `leaves` says of each input what it is fed with, by a key: equal keys,
    equal data. Keys of constants begin with "constant:", those of states with "state:"."""

    name: str
    file: Path
    leaves: Mapping[str, str]
    state: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are an output of the run before: {input: output}."""


@dataclass(frozen=True)
class PieceFile:
    """A piece as a model file. `inputs` says of each of its inputs where it comes from: a leaf's key, or
    "piece:INDEX:OUTPUT"; `outputs` is what they are called in the first owner's own file."""

    file: Path
    title: str
    owners: tuple[int, ...]
    operators: int
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    us: float = 0.0
    """What a run took, in microseconds."""


@dataclass(frozen=True)
class Decision:
    """Whether models share pieces, and why. Times are microseconds of one run of each, on this box."""

    models: tuple[str, ...]
    shared: bool
    reason: str
    pieces: tuple[PieceFile, ...] = ()
    outputs: tuple[Mapping[str, str], ...] = ()
    """Of each model, what gives each output: "piece:INDEX:OUTPUT"."""
    whole_us: float = 0.0
    pieces_us: float = 0.0
    failed: bool = False
    """Whether something stood in the way that somebody may want to know of: a mismatch, a cache that can't be
    written, a missing package, a file that can't be read."""
    differ: float = 0.0
    """The most that an output differed from the whole models', as a part of its greatest value."""
    contents: tuple[str, ...] = ()
    """SHA-256 of the models' files."""
    threads: int = 1
    asked: Asked = (0, 0.0)
    """Of one model: how fine it was to be cut."""
    cuts: tuple[int, ...] = ()
    """Of one model: before which operators it was cut, in the file's order."""
    short: bool = False
    """Of one model: it stays whole since a run is no longer than a piece may be."""

    @property
    def in_series(self) -> bool:
        """Whether it is about one model, whose pieces run one after another."""
        return self.shared and len(self.models) == 1

    def of(self, member: int) -> list[int]:
        """The pieces that a model needs, each after those that it reads."""
        needed: set[int] = set()
        waiting = [index_of(source) for source in self.outputs[member].values()]
        while waiting:
            index = waiting.pop()
            if index not in needed:
                needed.add(index)
                sources = self.pieces[index].inputs.values()
                waiting += [index_of(source) for source in sources if is_piece(source)]
        return sorted(needed)

    def data(self) -> dict[str, Any]:
        """As JSON takes it."""
        found = asdict(self)
        for piece in found["pieces"]:
            piece["file"] = str(piece["file"])
        return found

    @staticmethod
    def from_data(said: Mapping[str, Any]) -> Decision:
        """The same from what data() gave. Raises KeyError, TypeError when it is something else."""
        pieces = tuple(
            PieceFile(**{**each, "file": Path(each["file"]), "owners": tuple(each["owners"])})
            for each in said["pieces"]
        )
        lists = ("models", "outputs", "contents", "asked", "cuts")
        more = {key: tuple(said[key]) for key in lists} | {"pieces": pieces}
        return Decision(**{**said, **more})


def is_piece(source: str) -> bool:
    """Whether this says that another piece gives it."""
    return source.startswith("piece:")


def index_of(source: str) -> int:
    """Which piece gives it."""
    return int(source.split(":", 2)[1])


def output_of(source: str) -> str:
    """Which of its outputs."""
    return source.split(":", 2)[2]
