"""A runtime's policy: none, one that waits for the start, or one that runs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidError, make
from .apply import keep_free, places
from .chosen import Chosen, choose, of_document, only_one
from .decisions import ORDERS

if TYPE_CHECKING:
    from ..documents import DocumentSet, Scheduler
    from ..documents import Policy as PolicyDocument
    from ..planner import Planned
    from .base import Policy
    from .supervisor import Supervisor

    Named = str | Path | type[Policy] | PolicyDocument

NONE = "none"
"""Instead of a name: no policy, whatever the documents say."""


class Seat:
    """Used by the program's threads; the supervisor's thread does the rest."""

    def __init__(
        self,
        native: Any,
        plan: Planned,
        documents: DocumentSet,
        labels: Callable[[], Mapping[int, str]],
        order: str | None,
        named: Named | None,
    ) -> None:
        """`order` and `named` None: as the documents say, those that follow included. Raises as choose()
        does."""
        self._native, self._plan, self._documents = native, plan, documents
        self._labels, self._order = labels, order or documents.scheduler.order
        self._follows = order is None
        self._keep_free = self._documents.scheduler.kept()
        if self._keep_free is not None:
            keep_free(native, self._keep_free, ())
        self._place()
        self._supervisor: Supervisor | None = None
        self._first: Chosen | None = None
        self._last: Chosen | None = None  # that was set
        self._state = "new"
        self._making = threading.Lock()  # of the supervisor, by the first who needs it
        self._how = _how(named)
        self._first = self._how(documents)

    def start(self) -> None:
        """Raises InvalidError when the policy can't be made."""
        self._state = "running"
        if self._first is not None:
            self._supervised().set(self._first)
            self._last = self._first

    def set(
        self,
        named: Named | None,
        params: Mapping[str, Any] | None,
        period: float | None,
        limit: float | None,
    ) -> None:
        """Another one, or none."""
        how = _how(NONE if named is None else named, params, period, limit)
        chosen = how(self._documents)
        if self._state == "stopped":
            raise make(InvalidError, "policy", "the runtime is stopped", "set it while the runtime runs")
        if self._state == "new":
            self._first = chosen
        elif chosen is not None or self._supervisor is not None:
            self._supervised().set(chosen)
            self._last = chosen
        self._how = how

    def set_order(self, order: str) -> None:
        """What holds where no policy decides it. Raises InvalidError for an unknown one."""
        if order not in ORDERS:
            hint = f"known are: {', '.join(ORDERS)}"
            raise make(InvalidError, "order", f"{order!r} is unknown", hint)
        self._order = order
        if self._supervisor is None:
            self._native.set_order(order)
        else:
            self._supervisor.set_order(order)

    def check(self, plan: Planned, documents: DocumentSet) -> None:
        """Whether these have a policy, or none, that can be made: one that runs goes on otherwise. Raises as
        choose() does, and InvalidError where its class can't be made."""
        from .outline import outline_of
        from .trial import make_sure

        chosen = self._how(documents)
        if chosen is None or self._state != "running":
            return
        if chosen != self._last or ".py:" in chosen.reference:  # a file may have changed
            make_sure(chosen, outline_of(plan))

    def rise(self) -> None:
        """Before another plan is swapped in: decisions are of the plan at hand, so none hold from now on but
        the order and the lanes kept free that hold without a policy."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None
            self._native.set_order(self._order)

    def sit_down(
        self, plan: Planned, documents: DocumentSet, labels: Callable[[], Mapping[int, str]]
    ) -> None:
        """After it: the policy begins anew with the new plan, as its document says now. Raises InvalidError
        when it can't be made."""
        before = self._documents.scheduler
        self._plan, self._documents, self._labels = plan, documents, labels
        self._obey(documents.scheduler, before)
        chosen = self._how(documents)
        if self._state == "new":
            self._first = chosen
        elif self._state == "running":
            self._last = chosen
            if chosen is not None:
                self._supervised().set(chosen)

    def _obey(self, scheduler: Scheduler, before: Scheduler) -> None:
        """What the next documents say of the order, where they say something else than those before."""
        if self._follows and scheduler.order != before.order:
            self._order = scheduler.order
            self._native.set_order(scheduler.order)
        if scheduler.ageing != before.ageing:
            self._native.set_ageing(float(scheduler.ageing) * 1e3)
        kept, self._keep_free = self._keep_free, scheduler.kept()
        if self._keep_free is not None or kept is not None:
            keep_free(self._native, self._keep_free, ())
        self._place()

    def _place(self) -> None:
        """Where models run whose documents name several devices, as the Scheduler document says."""
        described = self._plan.spec.describe() if self._plan.spec is not None else {"models": []}
        models = described["models"]
        if all(len(model["devices"]) < 2 for model in models):
            return
        of_a_step = {"name": "", "devices": ["cpu"]}
        queues = [models[row["model"]] if row["model"] >= 0 else of_a_step for row in self._native.queues()]
        self._native.set_places(places(queues, {}, self._documents.scheduler.place))

    def stop(self) -> None:
        """Ends it."""
        self._state = "stopped"
        if self._supervisor is not None:
            self._supervisor.stop()

    def row(self) -> dict[str, Any] | None:
        """The policy's figures; None where none runs."""
        return None if self._supervisor is None else self._supervisor.row()

    def _supervised(self) -> Supervisor:
        from .outline import outline_of
        from .supervisor import Supervisor

        with self._making:
            if self._supervisor is None:
                lanes = Counter(lane["device"] for lane in self._native.metrics()["lanes"])
                outline = outline_of(
                    self._plan, self._native.queues(), self._labels(), lanes, self._native.applications()
                )
                place = self._documents.scheduler.place
                self._supervisor = Supervisor(self._native, outline, self._order, self._keep_free, place)
            return self._supervisor


def _how(
    named: Named | None,
    params: Mapping[str, Any] | None = None,
    period: float | None = None,
    limit: float | None = None,
) -> Callable[[DocumentSet], Chosen | None]:
    """How the policy is found in documents; None: the one that they have, if any."""

    def found(documents: DocumentSet) -> Chosen | None:
        if named is None:
            document = only_one(documents)
            return None if document is None else of_document(document)
        return None if named == NONE else choose(named, documents, params, period, limit)

    return found
