"""How long to wait before a lost sensor is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Waits:
    """The document's `reconnect`: seconds; `attempts` in a row, None without end."""

    first: float = 0.5
    most: float = 30.0
    jitter: float = 0.2
    attempts: int | None = None


class Backoff:
    """Doubles the wait from `first` to `most`, each up to `jitter` longer or shorter, so that a hundred
    cameras behind one switch don't come back at the same moment.

    It begins anew only after the sensor ran for as long as it last waited: one that dies right after each
    connection isn't tried ever faster.
    """

    def __init__(self, waits: Waits, chance: Callable[[], float] = random.random) -> None:
        self._waits, self._chance = waits, chance
        self.tries = 0  # in a row
        self._wait = 0.0

    def next(self) -> float | None:
        """Seconds until the next try; None when all attempts are used."""
        if self._waits.attempts is not None and self.tries >= self._waits.attempts:
            return None
        # the exponent is bounded, so that years of tries don't overflow
        whole = min(self._waits.most, self._waits.first * 2.0 ** min(self.tries, 60))
        self.tries += 1
        self._wait = whole * (1 + self._waits.jitter * (2 * self._chance() - 1))
        return self._wait

    def ran(self, seconds: float) -> None:
        """It ran for so long before it was lost."""
        if seconds >= max(self._wait, self._waits.first):
            self.tries, self._wait = 0, 0.0
