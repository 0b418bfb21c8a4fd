"""Scheduler: how the box shares its time among everything that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from .base import Document, Part
from .units import Duration, Size, Time

if TYPE_CHECKING:
    from ..policy import KeepFree as Kept

Order = Literal["fifo", "edf", "slack", "priority", "fair", "moore-hodgson"]


class KeepFree(Part):
    """A run can't be interrupted, so what is short and due soon is late where long ones keep every lane."""

    lanes: int = Field(default=1, ge=1, le=63)
    """So many are left to shorter runs; long ones may always use one, at least."""
    longer_than: Time
    """Runs that are expected to take longer than this leave them free."""


class Scheduler(Document):
    """What runs first when there is more to do than can be done at once. One for all documents."""

    KIND: ClassVar[str] = "Scheduler"

    kind: Literal["Scheduler"] = "Scheduler"
    order: Order = "edf"
    """fifo: what came first; edf: the earliest deadline; slack: what must begin soonest to keep its deadline;
    priority: the applications' priorities, which waiting makes up for; fair: device time by the applications'
    weights; moore-hodgson: the earliest deadline, but the longest of what can't all be in time is dropped."""
    ageing: Annotated[Time, Field(le=86400)] = Field(default_factory=lambda: Duration("100ms"))
    """With order: priority, the waiting that makes up for one step of priority."""
    cache: Size = 64_000_000
    """Memory, at most, for results that are kept for equal frames of sensors that say `cache: true`; 0: none
    are kept."""
    keep_free: KeepFree | None = None
    """Lanes that long runs leave to short ones."""
    place: Literal["first", "soonest"] = "first"
    """Where models run whose `device` is a list, unless a policy says otherwise. first: on the first of it;
    soonest: each run on the device where it is expected to end first."""
    pieces: Time | None = None
    """Models whose run takes longer on this box are cut into pieces of so long at most, between which more
    urgent work runs. Left out: models run whole, unless their documents say otherwise."""

    def told(self) -> str:
        """What runs first, and what is left free, in words, as `edgert check` shows them."""
        text = {
            "fifo": "first come, first served",
            "edf": "earliest deadline first",
            "slack": "least slack first",
            "priority": f"by priority; waiting for {float(self.ageing) * 1e3:g} ms makes up for a step",
            "fair": "fair by weight",
            "moore-hodgson": "earliest deadline first, what can't be in time with the rest left out",
        }[self.order]
        if self.keep_free:
            text += (
                f"; {self.keep_free.lanes} of the lanes left free by runs longer than "
                f"{float(self.keep_free.longer_than) * 1e3:g} ms"
            )
        if self.place == "soonest":
            text += "; models with several devices run where they end first"
        if self.pieces:
            text += f"; models cut into pieces of {float(self.pieces) * 1e3:g} ms"
        return text

    def kept(self) -> Kept | None:
        """keep_free, as policies say it."""
        from ..policy import KeepFree as Kept

        keep = self.keep_free
        return None if keep is None else Kept(keep.lanes, longer_ms=float(keep.longer_than) * 1e3)
