"""The process side of isolated.py: python -m edgert.transforms.child LINE INPUTS OUTPUTS PARENT.

Three descriptors, and the process that started it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from ..guarding import guard
from .arena import Arena
from .base import Array, Picture
from .checking import Broken, checked
from .reference import find


def main(line: int, inputs: int, outputs: int, parent: int) -> None:
    """Serves calls until the other side goes."""
    guard(parent)
    connection: Connection[Any, Any] = Connection(line)
    reference, arguments, specs = connection.recv()
    try:
        made = find(reference)(**arguments)
    except BaseException as error:
        connection.send(f"could not start: {type(error).__name__}: {error}")
        return
    connection.send(True)
    given, taken = Arena(inputs), Arena(outputs)
    while True:
        try:
            places, shapes, reset = connection.recv()
        except EOFError:
            return
        connection.send(_answer(made, given.read(places), shapes, reset, specs, taken))


def _answer(
    made: Any, arrays: Sequence[Array], shapes: Sequence[Any], reset: bool, specs: Any, taken: Arena
) -> Any:
    """Where the outputs are, or what went wrong."""
    for array in arrays:
        array.setflags(write=False)
    try:
        if reset:
            made.reset()
        return taken.write(checked(made.run(*_inputs(iter(arrays), shapes)), specs))
    except Broken as broken:
        return broken.what
    except BaseException as error:
        return f"run() raised {type(error).__name__}: {error}"


def _inputs(arrays: Iterator[Array], shapes: Sequence[Any]) -> Iterator[Any]:
    for shape in shapes:
        if shape is None:
            yield next(arrays)
        else:
            count, pixel, width, height = shape
            yield Picture([next(arrays) for _ in range(count)], pixel, width, height)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:5]))
