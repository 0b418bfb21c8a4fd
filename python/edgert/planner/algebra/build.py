"""From a chain that was found to nodes of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgert.documents import Refused

from ..native import Builder, Value
from .conversion import GATHER, REGION, registered
from .formats import Format, Goal
from .search import Chain, Link, Unreachable, search


class NoChain(Refused):
    """No chain leads to an input. `began`: some conversion could make a first step."""

    began = False


@dataclass(frozen=True)
class Built:
    """A chain in the plan: its values are those of its start and of each link."""

    chain: Chain
    values: tuple[Value, ...]
    goal: Goal
    beside: Mapping[str, Value]

    @property
    def value(self) -> Value:
        return self.values[-1]


def build(builder: Builder, value: Value, goal: Goal, beside: Mapping[str, Value], **meaning: Any) -> Built:
    """Searches the cheapest chain from a value to a goal, and adds its nodes to the plan. Raises Refused.

    `beside` are the values that moves may name as further inputs; `meaning` is what holds of the value.
    """
    start = Format.of(value.spec, **meaning)
    specs = {name: other.spec for name, other in beside.items()}
    try:
        chain = search(start, goal, specs, registered(), builder.outputs)
    except Unreachable as unreachable:
        if unreachable.refused is not None:
            raise unreachable.refused from None
        refused = _refused(unreachable)
        refused.began = any(chain.links for chain in unreachable.nearest)
        raise refused from None
    values = [value]
    for link in chain.links:
        values.append(_add(builder, values[-1], link, beside))
    return Built(chain, tuple(values), goal, beside)


def _add(builder: Builder, value: Value, link: Link, beside: Mapping[str, Value]) -> Value:
    move = link.move
    if move.op == REGION:
        made: Value = builder.region(value)
    elif move.op == GATHER:
        made = value
        while made.scope != beside["frame"].scope:
            made = builder.gather(made, stack=False)
    else:
        made = builder.transform(move.op, dict(move.params), [value, *(beside[name] for name in move.beside)])
    return made


def _refused(unreachable: Unreachable) -> NoChain:
    goal, nearest = unreachable.goal, unreachable.nearest[0]
    if goal.meant(nearest.end):
        what = f"it gives {nearest.end}, and {goal}"
        return NoChain(
            what, "change the window, the features or the shape of the input in the Model document"
        )
    lacking = ", ".join(goal.unmet(nearest.end))
    reached = "; ".join(str(chain) for chain in unreachable.nearest[:3])
    what = f"no chain of transforms leads there: {goal}, and what comes nearest ({reached}) lacks {lacking}"
    return NoChain(what, "change the input in the Model document, or register a conversion that makes it")
