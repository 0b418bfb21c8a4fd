"""An explanation as text: a tree for terminals, the same indented elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .saved import saved as explained
from .saved import sentences
from .ways import Explanation, Run, Step, Way
from .wishes import Wish

if TYPE_CHECKING:
    from rich.tree import Tree

    from ..trunks import Decision

NOTE = "about: what an operation is stated to take on one thread of an AVX2 server core"
MEASURED = "; measured: the best of a few short rounds here, each operation and model alone, on one thread"

Line = tuple[int, str, str]
"""Depth, text, and rich's style."""


def text(explanation: Explanation) -> str:
    """Lines, indented by two blanks a level."""
    return "\n".join("  " * depth + said for depth, said, _ in lines(explanation))


def tree(explanation: Explanation) -> list[Tree]:
    """A tree a sensor, for rich."""
    from rich.markup import escape
    from rich.tree import Tree

    roots: list[Tree] = []
    at: list[Tree] = []
    for depth, said, style in lines(explanation):
        shown = f"[{style}]{escape(said)}[/]" if style else escape(said)
        if depth == 0:
            roots.append(Tree(shown, guide_style="dim"))
            at = [roots[-1]]
        else:
            at = [*at[:depth], at[depth - 1].add(shown)]
    return roots


def lines(explanation: Explanation) -> Iterator[Line]:
    """What there is to say, in order."""
    for sensor, frames in explanation.sensors.items():
        runs = [run for run in explanation.runs if run.sensor == sensor]
        wishes = [wish for wish in explanation.wishes if wish.sensor == sensor]
        joined = [each.pipeline for each in explanation.wishes if sensor in each.joined]
        read = "" if wishes else f"; joined by {', '.join(joined)}" if joined else "; no pipeline reads it"
        yield 0, f"{sensor}: {frames}{read}", "bold"
        for run in runs:
            yield from _run(run)
        for join in explanation.joins:
            if join.sensor == sensor:
                yield 1, f"{join.step} joins {join.how}", "cyan"
        for wish in wishes:
            yield from _wish(wish)
    for decision in explanation.planned.trunks:
        yield from _decision(decision)
    for pipeline in explanation.planned.pipelines.values():
        if pipeline.apart:
            why = "its conditions and those of other pipelines would wait for each other"
            yield 0, f"{pipeline.title} runs {pipeline.apart} by itself: {why}", ""
    saved = explanation.saved()
    if saved["asked_for"] > saved["nodes"]:
        yield 0, f"{saved['nodes']} nodes do what {saved['asked_for']} are asked for", "bold green"
    elif saved["nodes"]:
        yield 0, f"{_count(saved['nodes'], 'node')}; no two pipelines want the same", ""
    for sentence in sentences(explained(explanation)):
        yield 0, sentence, "bold green"
    if saved["nodes"]:
        yield 0, NOTE + (MEASURED if explanation.measured else ""), "dim"


def _decision(decision: Decision) -> Iterator[Line]:
    names = ", ".join(decision.models[:-1]) + (" and " if decision.models[:-1] else "") + decision.models[-1]
    if not decision.shared:
        yield 0, f"{names}: not cut; {decision.reason}", ""
        return
    if decision.in_series:
        yield 0, f"{names} runs in pieces: {decision.reason}", "bold green"
    else:
        yield 0, f"{names} share layers: {decision.reason}", "bold green"
    alike = "bit for bit" if not decision.differ else f"but for {decision.differ:.1g} of the greatest value"
    yield 1, f"outputs are equal to those of the whole model{'s' * (len(decision.models) > 1)}, {alike}", ""
    for piece in decision.pieces:
        count = _count(piece.operators, "operator")
        yield (
            1,
            f"{piece.title}: {count}, {time_said(piece.us)}; gives {', '.join(piece.outputs.values())}",
            "",
        )


def _wish(wish: Wish) -> Iterator[Line]:
    yield 1, f"{wish.pipeline}: {'; '.join(wish.when)}", "bold magenta"
    for opening in wish.conditions:
        opens = f"; then {', '.join(opening.opens)} run" if opening.opens else "; nothing waits for it"
        yield 2, f"condition {opening.step}: {opening.said}{opens}", ""
    for other in wish.others:
        cost = f"  (about {time_said(other.estimated_us)})"
        of = f" of {', '.join(other.reads)}" if other.reads else ""
        yield 2, f"{other.step}: {other.op}{of} → {other.gives}{cost}", ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _run(run: Run) -> Iterator[Line]:
    took = "" if run.measured_us is None else f"; a run took {time_said(run.measured_us)}"
    yield 1, f"{run.model}{took}", "bold cyan"
    once = " (run once)" if len(run.steps) > 1 else ""
    private = f", private to {run.private_to}" if run.private_to else ""
    batch = _at_once(0 if run.pieces else run.batch)
    yield 2, f"wanted by {', '.join(run.steps)}{once}{private}{batch}", ""
    if run.devices != ("cpu",):
        places = "runs on any of" if len(run.devices) > 1 else "runs on"
        yield 2, f"{places} {', '.join(run.devices)}", ""
    if run.at_once:
        yield 2, run.at_once, ""
    if run.pieces:
        pieces = [
            f"{part.title} ({time_said(part.measured_us)}{_at_once(part.batch)})" for part in run.pieces
        ]
        yield 2, f"runs in pieces: {', then '.join(pieces)}", ""
        yield from (
            (2, f"{part.title} runs no batches: {part.alone}", "") for part in run.pieces if part.alone
        )
    for way in run.ways:
        yield from _way(way, run)


def _at_once(batch: int) -> str:
    return f", up to {batch} at once" if batch > 1 else ""


def _way(way: Way, run: Run) -> Iterator[Line]:
    total = f"about {time_said(way.estimated_us)}" if way.steps else "as it is"
    measured = [step.measured_us for step in way.steps if step.measured_us is not None]
    if measured:
        total += f", measured {time_said(sum(measured))}"
    yield 2, f"{way.input} from {way.begins}: {total}", ""
    for step in way.steps:
        yield 3, _step(step, run), ""


def _step(step: Step, run: Run) -> str:
    costs = [] if step.op in ("region", "gather") else [f"about {time_said(step.estimated_us)}"]
    if step.measured_us is not None:
        costs.append(f"measured {time_said(step.measured_us)}")
    said = " ".join(word for word in (step.op, step.told) if word)
    said += f" → {step.gives}" + (f"  ({', '.join(costs)})" if costs else "")
    said += f"  one of {step.together} tensors of one pass" if step.together > 1 else ""
    others = [title for title in step.shared if title not in run.shared]
    return said + (f"  shared with {', '.join(others)}" if others else "")


def time_said(microseconds: float) -> str:
    """ "171 µs", "12.7 ms"."""
    if microseconds >= 1000:
        return f"{microseconds / 1000:.3g} ms"
    return f"{microseconds:.2g} µs" if microseconds < 10 else f"{microseconds:.0f} µs"
