"""From decisions by name to the core's lists by index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .decisions import Decisions, Order


class Steering:
    """Hands decisions to the core. Used by one thread at a time."""

    def __init__(self, native: Any, outline: Mapping[str, Any], order: str) -> None:
        """`order` is what holds where a policy decides none."""
        self._native, self._outline, self._default = native, outline, order
        self._order: Order | None = Order(order)
        self._shares = [1.0] * len(outline["pipelines"])

    def apply(self, decisions: Decisions) -> None:
        """What changed takes effect for work that is submitted from now on."""
        order = decisions.order or Order(self._default)
        if order != self._order:
            self._set_order(order)
            self._order = order
        shares = self._admitted(decisions.admit)
        if shares != self._shares:
            self._native.set_admission(shares)
            self._shares = shares

    def reset(self) -> None:
        """As without a policy."""
        self.apply(Decisions())

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
