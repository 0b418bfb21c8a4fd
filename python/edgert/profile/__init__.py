"""Profiles: what models take on this box, alone and among others, by instances, threads and batch.

    profiling = Profiling(subjects(["zoo:face-detection-short"]))
    profiling.run()
    print(to_yaml(profiling.document("box")))

`run_times()` reads what Profile documents say of a model's expected run time, `stale()` whether they still
hold.
"""

from __future__ import annotations

from .box import this_box
from .grid import Grid, default_grid
from .measuring import Profiling
from .placing import Placed, place
from .stale import stale
from .stream_grid import StreamGrid
from .stream_measuring import StreamProfiling
from .subjects import Subject, given, is_document, subjects
from .times import RunTimes, run_times
from .writing import to_yaml, write

__all__ = [
    "Grid",
    "Placed",
    "Profiling",
    "RunTimes",
    "StreamGrid",
    "StreamProfiling",
    "Subject",
    "default_grid",
    "given",
    "is_document",
    "place",
    "run_times",
    "stale",
    "subjects",
    "this_box",
    "to_yaml",
    "write",
]
