"""How many runs of a model go on at once where its document doesn't say.

ONNX Runtime runs all instances in one session. TensorFlow Lite needs an interpreter an instance, with
activations of its own; those of small models cost little, so they have one a lane, too, and what is large has
fewer: as many as fit into FURTHER. What an interpreter costs isn't known before it is made, and plans and
simulations shall not depend on it, so it is estimated from the file.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from math import prod
from pathlib import Path

from edgert.trunks.flat import Table, root
from edgert.trunks.tflite_network import ITEM

FURTHER = 32 << 20
"""Bytes that all instances of a model but the first may take together."""
MOST = 64
ARENAS = 2
"""The engine and XNNPACK each lay out activations: measured, 0.8 to 3 times the most that is live at once."""
LEAST = 256 << 10
"""Bytes of any interpreter."""


def instances_of(said: int, file: Path, backend: str) -> int:
    """As the plan takes it: what a document says; 0, as many as lanes where that costs nothing, else one; -n,
    as many as lanes, n at most."""
    each = 0 if said else another_takes(file, backend)
    return -_most(each) if each else said


def told(said: int, file: Path, backend: str) -> str:
    """The same in words, where there is something to tell."""
    if said:
        return f"{said} run{'' if said == 1 else 's'} at once"
    each = another_takes(file, backend)
    if not each:
        return ""
    most = _most(each)
    size = f"another would take about {each / (1 << 20):.2g} MiB"
    return f"one run at once: {size}" if most == 1 else f"a run on each lane, {most} at most: {size}"


def _most(each: int) -> int:
    return min(MOST, 1 + FURTHER // each)


def another_takes(file: Path, backend: str) -> int:
    """About so many bytes; 0 for models that share a session, and files that can't be read as models."""
    if file.suffix != ".tflite" or backend not in ("", "tflite"):
        return 0
    try:
        about = file.stat()
        return _estimated(file, about.st_mtime_ns, about.st_size)
    except (OSError, struct.error, ValueError, IndexError):
        return 0  # who opens it says what is wrong


@lru_cache(maxsize=1024)
def _estimated(file: Path, changed: int, size: int) -> int:
    """What is live at once, in each arena, and weights that each interpreter unpacks for itself."""
    main = root(file.read_bytes()).tables(2)[0]
    sizes = [_bytes(tensor) for tensor in main.tables(0)]
    fed = {int(index) for index in main.numbers(1, "<i4")}
    outputs = {int(index) for index in main.numbers(2, "<i4")}
    unpacked, steps = 0, []
    for operator in main.tables(3):
        reads, writes = ([int(index) for index in operator.numbers(number, "<i4")] for number in (1, 2))
        if fed.isdisjoint(reads):
            unpacked += sum(sizes[index] for index in writes)
            continue
        fed.update(writes)
        steps.append((reads, writes))
    return max(LEAST, ARENAS * _most_live(steps, sizes, outputs) + unpacked)


def _bytes(tensor: Table) -> int:
    shape = [max(1, int(extent)) for extent in tensor.numbers(0, "<i4")]
    return prod(shape) * ITEM.get(tensor.number(1, "b"), 4)


def _most_live(
    steps: Sequence[tuple[Sequence[int], Sequence[int]]], sizes: Sequence[int], outputs: set[int]
) -> int:
    """The most bytes of tensors that are made and still read, at any step."""
    last = {index: place for place, (reads, _) in enumerate(steps) for index in reads}
    live, most, ends = 0, 0, [0] * (len(steps) + 1)
    for place, (_, writes) in enumerate(steps):
        for index in writes:
            live += sizes[index]
            ends[len(steps) if index in outputs else max(place, last.get(index, place))] += sizes[index]
        most = max(most, live)
        live -= ends[place]
    return most
