"""The format algebra: transforms map formats, and the planner searches the cheapest chain of them."""

from .build import Built, build
from .conversion import GATHER, REGION, Conversions, Move, conversion, registered
from .cost import FREE, VIEW, Cost, declare
from .formats import Format, Goal
from .frozen import Frozen
from .search import Chain, Link, Unreachable, search

__all__ = [
    "FREE",
    "GATHER",
    "REGION",
    "VIEW",
    "Built",
    "Chain",
    "Conversions",
    "Cost",
    "Format",
    "Frozen",
    "Goal",
    "Link",
    "Move",
    "Unreachable",
    "build",
    "conversion",
    "declare",
    "registered",
    "search",
]
