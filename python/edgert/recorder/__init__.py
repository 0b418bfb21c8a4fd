"""The recorder: the last seconds of a camera's encoded stream, and clips and snapshots of what happened.

Nothing is decoded or encoded again: packets pass from the source through a ring (`ring`) to a file (`clip`)
when a pipeline's answer says so (`events`). Files are kept by age and size, and the disk is never filled
(`store`).
"""

from __future__ import annotations

from .recorder import Recorder, Settings
from .store import Keep, Store

__all__ = ["Keep", "Recorder", "Settings", "Store"]
