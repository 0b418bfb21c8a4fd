"""As few frames late as can be, decided at each draw."""

from __future__ import annotations

from edgert.policy import Order, Policy, Snapshot


class MooreHodgson(Policy):
    """Earliest deadline first, but what can't be in time together with the rest is left out: the rule of
    Moore and Hodgson (Moore, Management Science 15, 1968), for several lanes.

    Overloaded, and in each burst that is too much for its bounds, the earliest deadline first is late with
    one after the other. Here the longest of those that don't fit is dropped, and the others are in time.
    That changes with each frame that comes, so it isn't decided in Python ten times a second, but in the
    core, by each lane that draws (`order: moore-hodgson` of the Scheduler document is the same). Most comes
    of it where models run in pieces (docs/pieces.md): what is left out is given up between two of them.

    Frames count alike, so short ones, of which more fit, come before long ones. Only frames that are
    dropped when they are late (`on_miss: drop`) are left out.
    """

    def order(self, now: Snapshot) -> Order:
        return Order("moore-hodgson")
