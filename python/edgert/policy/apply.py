"""From decisions by name to the core's lists by index."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from .decisions import Decisions, Order


class Steering:
    """Hands decisions to the core. From any thread."""

    def __init__(self, native: Any, outline: Mapping[str, Any], order: str) -> None:
        """`order` is what holds where a policy decides none."""
        self._native, self._outline, self._default = native, outline, order
        self._order = Order(order)
        self._last = Decisions()
        self._lock = threading.Lock()
        self._shares = [1.0] * len(outline["pipelines"])

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
        shares = self._admitted(decisions.admit)
        if shares != self._shares:
            self._native.set_admission(shares)
            self._shares = shares

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

    def _admitted(self, admit: Mapping[str, float]) -> list[float]:
        return [
            admit.get(pipeline["name"], 1.0) * admit.get(pipeline["application"], 1.0)
            for pipeline in self._outline["pipelines"]
        ]
