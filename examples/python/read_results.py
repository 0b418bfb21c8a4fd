"""Runs documents and reads their results in both ways: by an iterator, and by a callback.

python examples/python/read_results.py [DOCUMENTS] [SECONDS]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import edgert
from edgert.results import Result

sightings: Counter[str] = Counter()


def count_close(result: Result) -> None:
    """Called with each result, on a thread of this pipeline's own."""
    for someone in result.answers["close"] or ():  # None: result.outcome says why there is no answer
        sightings[someone.label] += 1


def main(documents: str, seconds: float) -> None:
    with edgert.Runtime(documents) as runtime:
        runtime.on_result("traffic/close", count_close)
        until = time.monotonic() + seconds
        for result in runtime.results("care/people"):
            people = result.answers["people"] or ()
            boxes = [[round(edge) for edge in person.box] for person in people]
            print(f"{result.media_time:5.2f} s  {len(boxes)} people  {result.latency_ms:5.1f} ms  {boxes}")
            if time.monotonic() > until:
                break
        model = next(node for node in runtime.metrics()["nodes"] if node["op"] == "model")
    print(f"seen close by: {dict(sightings)}")
    print(f"the model ran {model['executed']} times, for {model['demanded']} that were asked for")


if __name__ == "__main__":
    box = sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).with_name("box.yaml"))
    main(box, float(sys.argv[2]) if len(sys.argv) > 2 else 5.0)
