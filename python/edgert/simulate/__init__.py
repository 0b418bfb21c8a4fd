"""Whether a workload fits a box, computed: documents, Profiles and assumptions on a virtual clock.

workload = Workload.of(read(["box.yaml", "profile.yaml"]))
outcome = run(workload, seconds=60.0)
print(verdict(outcome))
"""

from __future__ import annotations

from .advice import advice
from .assumptions import Assumptions
from .outcome import Outcome, PipelineOutcome
from .running import run
from .verdict import fits, verdict
from .workload import Workload

__all__ = ["Assumptions", "Outcome", "PipelineOutcome", "Workload", "advice", "fits", "run", "verdict"]
