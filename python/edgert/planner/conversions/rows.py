"""Rows of tables, and rows that other steps give, to windows of them."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.conversion import GATHER, REGION, Move, conversion
from ..algebra.cost import VIEW, Cost, declare
from ..algebra.formats import TENSOR, Format, Goal

declare("table.select", VIEW)
declare("table.resample", Cost(run=300, read=0.5, written=0.5))
declare("table.window", Cost(run=300, read=0.02, written=0.02))
declare("table.magnitude", Cost(run=200, read=0.2, written=0.2))
declare("table.scale", Cost(run=200, read=0.2, written=0.2))


@conversion("rows.one")
def one(given: Format, goal: Goal) -> Iterator[Move]:
    """One row or window of several: what follows runs once for each."""
    if given["rows"]:
        yield Move(REGION, {}, {"rows": None})


@conversion("table.columns")
def columns(given: Format, goal: Goal) -> Iterator[Move]:
    """The wanted columns of a table, in the wanted order."""
    if given.kind == "table" and goal["columns"]:
        time = goal["resampled"]["column"] if goal["resampled"] else None
        columns = [*goal["columns"], *([time] if time else [])]
        yield Move("table.select", {"columns": columns}, {"columns": goal["columns"]})


@conversion("table.resample")
def resample(given: Format, goal: Goal) -> Iterator[Move]:
    """Rows at the wanted rate; the column of their times goes."""
    if _table(given, goal) and goal["resampled"] and not given["resampled"]:
        wanted = goal["resampled"]
        yield Move("table.resample", wanted["params"].thawed(), {"resampled": wanted}, ("frame",))


@conversion("table.windows")
def windows(given: Format, goal: Goal) -> Iterator[Move]:
    """Windows of a table's rows."""
    if _table(given, goal) and given["resampled"] == goal["resampled"] and goal["windows"]:
        means = {"windows": goal["windows"], "rows": True}
        yield Move("table.window", goal["windows"].thawed(), means, ("frame",))


@conversion("table.magnitude")
def magnitude(given: Format, goal: Goal) -> Iterator[Move]:
    """The length of each row's vector."""
    if _window(given, goal) and goal["magnitude"] and not given["magnitude"] and not given["scaling"]:
        yield Move("table.magnitude", {}, {"magnitude": True})


@conversion("table.scale")
def scale(given: Format, goal: Goal) -> Iterator[Move]:
    """Each column less its mean, over its deviation."""
    ready = _window(given, goal) and given["magnitude"] == goal["magnitude"] and not given["order"]
    if ready and goal["scaling"] and not given["scaling"] and given.spec["dtype"] == "float32":
        yield Move("table.scale", goal["scaling"].thawed(), {"scaling": goal["scaling"]})


@conversion("table.order")
def order(given: Format, goal: Goal) -> Iterator[Move]:
    """Columns first instead of time first."""
    ready = given["scaling"] == goal["scaling"] and given["magnitude"] == goal["magnitude"]
    if _window(given, goal) and ready and goal["order"] and not given["order"]:
        yield Move("tensor.transpose", {"axes": [1, 0]}, {"order": goal["order"]})


@conversion("rows.collect")
def collect(given: Format, goal: Goal) -> Iterator[Move]:
    """Windows of what another step gives, run by run."""
    wanted = goal["collected"]
    if not wanted or given.kind != TENSOR or given["collected"] or given.spec["dtype"] != "float32":
        return
    shape = given.shape
    if len(shape) != 2 or shape[-1] != wanted["columns"]:
        yield Move("tensor.reshape", {"shape": [-1, wanted["columns"]]})
    elif given["inner"]:
        yield Move(GATHER, {}, {"inner": None})
    else:
        yield Move("table.window", wanted["window"].thawed(), {"collected": wanted, "rows": True})


def _table(given: Format, goal: Goal) -> bool:
    """Whether it is the wanted columns, and no window yet."""
    return bool(goal["columns"] and given["columns"] == goal["columns"] and not given["windows"])


def _window(given: Format, goal: Goal) -> bool:
    if given.kind != TENSOR or given["rows"] or goal["picture"] or goal["rate"]:
        return False
    return all(given[fact] == goal[fact] for fact in ("columns", "windows", "collected"))
