"""Where an earlier result serves as well: full answers on a recording, what a threshold would save and lose.

calibration = Calibration(documents, "people", "objects", seconds=60)
calibration.run()
calibration.best                         # the point with the greatest saving within the loss
"""

from __future__ import annotations

from .calibration import Calibration
from .curve import GRIDS, Curve, Point, chosen

__all__ = ["GRIDS", "Calibration", "Curve", "Point", "chosen"]
