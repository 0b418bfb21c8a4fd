"""The report of a run: one HTML file with everything in it.

require()                                 # matplotlib is there
history = History()
runtime.on_result(None, history)          # while it runs; and history.sample(runtime.metrics()) now and then
write(path, history, runtime.metrics(), picture=png_bytes)
"""

from __future__ import annotations

from .history import History
from .page import write
from .plots import require
from .savings import Savings, savings

__all__ = ["History", "Savings", "require", "savings", "write"]
