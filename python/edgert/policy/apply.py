"""From decisions by name to the core's lists by index."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from .decisions import SOONEST, Decisions, KeepFree, Order

FIRST = "first"  # the place of models where nothing decides another


class Steering:
    """Hands decisions to the core. From any thread."""

    def __init__(
        self,
        native: Any,
        outline: Mapping[str, Any],
        order: str,
        keep_free: KeepFree | None = None,
        place: str = FIRST,
    ) -> None:
        """`order`, `keep_free` and `place` are what holds where a policy decides none, and hold already."""
        self._native, self._outline, self._default = native, outline, order
        self._kept = self._default_kept = keep_free
        self._order = Order(order)
        self._last = Decisions()
        self._lock = threading.Lock()
        self._shares = [1.0] * len(outline["pipelines"])
        self._allowed = self._batches({})
        self._default_place = place
        self._placed = self._places({})

    def apply(self, decisions: Decisions) -> None:
        """What changed takes effect for work that is submitted from now on."""
        with self._lock:
            self._apply(decisions)

    def set_default(self, order: str) -> None:
        """What holds from now on where no order is decided."""
        with self._lock:
            self._default = order
            self._apply(self._last)

    def reset(self) -> None:
        """As without a policy."""
        self.apply(Decisions())

    def _apply(self, decisions: Decisions) -> None:
        self._last = decisions
        order = decisions.order or Order(self._default)
        if order != self._order:
            self._set_order(order)
            self._order = order
        kept = decisions.keep_free or self._default_kept
        if kept != self._kept:
            keep_free(self._native, kept, [queue["name"] for queue in self._outline["queues"]])
            self._kept = kept
        shares = self._admitted(decisions.admit)
        if shares != self._shares:
            self._native.set_admission(shares)
            self._shares = shares
        batches = self._batches(decisions.batch)
        if batches != self._allowed:
            self._native.set_batches(batches)
            self._allowed = batches

        placed = self._places(decisions.place)
        if placed != self._placed:
            self._native.set_places(placed)
            self._placed = placed

    def _set_order(self, order: Order) -> None:
        if not order.shifted:
            self._native.set_order(order.base)
            return
        self._native.set_table(
            order.base,
            *(
                [float(part.get(row["name"], 0.0)) for row in self._outline[name]]
                for name, part in (
                    ("applications", order.applications),
                    ("pipelines", order.pipelines),
                    ("queues", order.queues),
                )
            ),
        )

    def _batches(self, decided: Mapping[str, int]) -> list[int]:
        return [decided.get(queue["name"], queue["most_batch"]) for queue in self._outline["queues"]]

    def _places(self, decided: Mapping[str, str]) -> list[int]:
        return places(self._outline["queues"], decided, self._default_place)

    def _admitted(self, admit: Mapping[str, float]) -> list[float]:
        return [
            admit.get(pipeline["name"], 1.0) * admit.get(pipeline["application"], 1.0)
            for pipeline in self._outline["pipelines"]
        ]


def keep_free(native: Any, kept: KeepFree | None, queues: Sequence[str]) -> None:
    """Tells the core; `queues` are the names of its queues, in its order."""
    if kept is None:
        native.keep_free(0)
        return
    longer = math.inf if kept.longer_ms is None else kept.longer_ms
    native.keep_free(kept.lanes, longer, [name in kept.queues for name in queues] if kept.queues else [])


def places(queues: Sequence[Mapping[str, Any]], decided: Mapping[str, str], default: str) -> list[int]:
    """Where the models of each queue run, as the core takes it. `default`: first or soonest."""
    found = []
    for queue in queues:
        devices = queue["devices"]
        usual = SOONEST if default == SOONEST and len(devices) > 1 else devices[0]
        device = decided.get(queue["name"], usual)
        found.append(-1 if device == SOONEST else devices.index(device))
    return found
