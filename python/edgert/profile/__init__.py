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
from .stale import stale
from .subjects import Subject, is_document, subjects
from .times import RunTimes, run_times
from .writing import to_yaml, write

__all__ = [
    "Grid",
    "Profiling",
    "RunTimes",
    "Subject",
    "default_grid",
    "is_document",
    "run_times",
    "stale",
    "subjects",
    "this_box",
    "to_yaml",
    "write",
]
