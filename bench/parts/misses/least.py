"""How few bounds any order could miss, for bench/misses.py.

A linear program: each frame is done in time to a part x of it, from 0 to 1, and gets x times its run time
between its arrival and its deadline, no more at any moment than one lane gives; all together get no more than
the lanes have. Its best sum of x bounds what every schedule reaches: also of one that knows what will come,
may interrupt runs and moves them between lanes for nothing. So the least is rarely reached.
"""

from __future__ import annotations

import numpy as np

AT_ONCE = 1.5  # s of arrivals in one program; frames at its borders have fewer others beside them


def least_misses(times: np.ndarray, runs: np.ndarray, bounds: np.ndarray, lanes: int) -> float:
    """The share of frames that every order misses. Arrivals, run times and bounds of each, in seconds."""
    missed = 0.0
    for begin in np.arange(0.0, times.max(initial=0.0) + AT_ONCE, AT_ONCE):
        part = (times >= begin) & (times < begin + AT_ONCE)
        if part.any():
            missed += _missed(times[part], runs[part], times[part] + bounds[part], lanes)
    return missed / max(1, len(times))


def _missed(arrive: np.ndarray, run: np.ndarray, due: np.ndarray, lanes: int) -> float:
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    moments = np.unique(np.concatenate([arrive, due]))
    spans, count = np.diff(moments), len(arrive)
    first, last = np.searchsorted(moments, arrive), np.searchsorted(moments, due)
    frame = np.repeat(np.arange(count), last - first)
    span = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
    given, width = np.arange(len(frame)) + count, count + len(frame)
    ones = np.ones(len(frame))

    def rows(
        values: list[np.ndarray], at: list[np.ndarray], places: list[np.ndarray], high: int
    ) -> coo_array:
        where = (np.concatenate(at), np.concatenate(places))
        return coo_array((np.concatenate(values), where), shape=(high, width))

    whole = np.arange(count)
    limits = vstack([
        rows([-ones, run], [frame, whole], [given, whole], count),
        rows([ones], [span], [given], len(spans)),
        rows([ones, -spans[span]], [given - count, given - count], [given, frame], len(frame)),
    ])  # fmt: skip
    most = np.concatenate([np.zeros(count), lanes * spans, np.zeros(len(frame))])
    gain = np.concatenate([-np.ones(count), np.zeros(len(frame))])
    upper = np.concatenate([np.ones(count), spans[span]])
    found = linprog(gain, A_ub=limits, b_ub=most, bounds=np.stack([np.zeros(width), upper], axis=1))
    return float(count + found.fun) if found.status == 0 else 0.0
