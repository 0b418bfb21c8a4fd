"""Builds documents as Python objects: sound that opens a gate, and a model of one's own behind it.

python examples/python/build_documents.py [SECONDS]
"""

from __future__ import annotations

import sys

import edgert
from edgert.documents import (
    AudioSource,
    Condition,
    ConditionStep,
    DocumentErrors,
    DocumentSet,
    Duration,
    ModelStep,
    Pipeline,
    Sensor,
)


def documents(above: float = 0.5) -> DocumentSet:
    """Voice activity opens the sound classifier: while nobody speaks, that costs nothing."""
    speaking = Condition(from_="voice", above=above, hold=Duration("500ms"))
    return DocumentSet(
        Sensor(name="kitchen", source=AudioSource(path="zoo:speech-sense", loop=True, speed="max")),
        Pipeline(
            name="sounds",
            sensor="kitchen",
            steps=[
                ModelStep(name="voice", model="zoo:silero-vad"),
                ConditionStep(name="speaking", condition=speaking),
                ModelStep(name="sounds", model="zoo:yamnet", when="speaking"),
            ],
            outputs=["sounds"],
        ),
    )


def main(seconds: float) -> None:
    try:
        edgert.Runtime(documents(above=7))  # what makes no sense is refused before anything runs
    except DocumentErrors as refused:
        print(f"refused, as it should be: {refused}")
    heard: set[str] = set()
    with edgert.Runtime(documents()) as runtime:
        for result in runtime.results("sounds"):
            for row in result.answers["sounds"] or ():  # a row for each window that this chunk completed
                name, probability = row.reading.best or ("", 0.0)
                if probability > 0.3 and name not in heard:
                    heard.add(name)
                    print(f"{result.media_time:6.2f} s  {name} ({probability:.2f})")
            if result.media_time > seconds:
                break
        pipeline = runtime.metrics()["pipelines"]["default/sounds"]
    print(f"{pipeline['ok']} chunks with the gate open, {pipeline['skipped']} with it closed")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0)
