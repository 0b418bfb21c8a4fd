"""A table of decisions as plain data on its way between processes: written by the policy's, judged by the
runtime's, which believes nothing of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from .decisions import MOST_NOTE, MOST_OFFSET_MS, ORDERS, SOONEST, Decisions, KeepFree, Order

T = TypeVar("T")
PARTS = ("applications", "pipelines", "queues")
SHOWN = 5  # names that a refusal lists
DIGITS = 20  # of a whole number
MOST_LANES = 64


class Refused(ValueError):
    """The table can't be meant; the text says why."""


# -- in the policy's process


def plain(decisions: Any) -> dict[str, Any]:
    """What decide() returned as plain data. Raises Refused where it is of another type."""
    if not isinstance(decisions, Decisions):
        raise Refused(f"what decide() returned is {_kind(decisions)}, not Decisions")
    order = decisions.order
    if order is not None and not isinstance(order, Order):
        raise Refused(f"the order is {_kind(order)}, not an Order or None")
    said: dict[str, Any] = {
        "order": None
        if order is None
        else {"base": _scalar(order.base), **{part: _mapping(getattr(order, part), part) for part in PARTS}}
    }
    for name in ("admit", "batch", "place"):
        said[name] = _mapping(getattr(decisions, name), name)
    said["keep_free"] = _kept(decisions.keep_free)
    said["note"] = str(decisions.note)[:MOST_NOTE]
    return said


def _kept(keep: Any) -> dict[str, Any] | None:
    if keep is None:
        return None
    if not isinstance(keep, KeepFree):
        raise Refused(f"keep_free is {_kind(keep)}, not a KeepFree or None")
    if isinstance(keep.queues, str) or not isinstance(keep.queues, Collection):
        raise Refused(f"the queues of keep_free are {_kind(keep.queues)}, not a tuple of names")
    longer = None if keep.longer_ms is None else _scalar(keep.longer_ms)
    queues = {str(name): 1 for name in keep.queues}
    return {"lanes": _scalar(keep.lanes), "queues": queues, "longer_ms": longer}


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused(f"{where} is {_kind(value)}, not values by name")
    return {str(name): _scalar(one) for name, one in value.items()}


def _scalar(value: Any) -> Any:
    """NumPy's numbers as Python's; what is neither number nor text as its type's name, to be refused."""
    if hasattr(value, "item") and not isinstance(value, (int, float, str)):
        value = value.item()
    return value if isinstance(value, (int, float, str)) else {"type": type(value).__name__}


# -- in the runtime's process


def parse(message: bytes) -> dict[str, Any]:
    """The message of a policy's process. Raises Refused."""
    try:
        said = json.loads(message, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise Refused(f"its process sent no message: {error}") from None
    if not isinstance(said, dict):
        raise Refused("its process sent no message")
    return said


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError("a whole number is too long")
    return int(digits)


def judged(said: Any, outline: Mapping[str, Any]) -> Decisions:
    """The decisions, if every name is known and every number in range. Raises Refused."""
    if not isinstance(said, dict):
        raise Refused("the table is no table")
    queues = {queue["name"]: queue for queue in outline["queues"]}
    models = {name: queue for name, queue in queues.items() if queue["is_model"]}
    names = {
        "applications": _names(outline["applications"]),
        "pipelines": _names(outline["pipelines"]),
        "queues": list(queues),
    }
    return Decisions(
        order=_order(said.get("order"), names),
        admit=_part(said, "admit", "a pipeline or application", names["pipelines"] + names["applications"],
                    lambda name, where, value: _ranged(where, value, 0.0, 1.0)),
        batch=_part(said, "batch", "a model", models,
                    lambda name, where, value: _batch(where, value, models[name])),
        place=_part(said, "place", "a model", models,
                    lambda name, where, value: _device(where, value, models[name])),
        keep_free=_keep_free(said.get("keep_free"), list(queues)),
        note=str(said.get("note", ""))[:MOST_NOTE],
    )  # fmt: skip


def _names(rows: Collection[Mapping[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def _order(said: Any, names: Mapping[str, Collection[str]]) -> Order | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Refused("the order is no order")
    base = said.get("base")
    if base not in ORDERS:
        raise Refused(f"the order's base is {base!r}; known are {', '.join(ORDERS)}")
    words = {"applications": "an application", "pipelines": "a pipeline", "queues": "a model or queue"}
    parts = {
        part: _part(said, part, words[part], names[part],
                    lambda name, where, value: _ranged(where, value, -MOST_OFFSET_MS, MOST_OFFSET_MS))
        for part in PARTS
    }  # fmt: skip
    order = Order(str(base), **parts)
    if order.base == "fair" and order.shifted:
        raise Refused("the order fair takes no offsets; use another order with them")
    return order


def _keep_free(said: Any, queues: Collection[str]) -> KeepFree | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Refused("keep_free is no KeepFree")
    lanes = _number("the lanes of keep_free", said.get("lanes"))
    if lanes != int(lanes):
        raise Refused(f"the lanes of keep_free are {lanes:g}, not a whole number")
    named = _part(said, "queues", "a model or queue", queues, lambda name, where, value: True)
    longer = said.get("longer_ms")
    return KeepFree(
        int(_ranged("the number of lanes of keep_free", lanes, 0, MOST_LANES)),
        tuple(named),
        None if longer is None else _ranged("longer_ms of keep_free", longer, 0.0, MOST_OFFSET_MS),
    )


def _part(
    said: Mapping[str, Any], key: str, of: str, known: Collection[str], judge: Callable[[str, str, Any], T]
) -> dict[str, T]:
    values = said.get(key, {})
    if not isinstance(values, dict):
        raise Refused(f"{key} is {_kind(values)}, not values by name")
    for name in values:
        if name not in known:
            listed = [*known][:SHOWN]
            more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
            raise Refused(f"{key} names {name!r}, and there is no such name of {of}: there are "
                          f"{', '.join(listed) or 'none'}{more}")  # fmt: skip
    return {name: judge(name, f"{key} of {name!r}", value) for name, value in values.items()}


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{where} is {_kind(value)}, not a number")
    if not math.isfinite(value):
        raise Refused(f"{where} is {value}")
    return float(value)


def _ranged(where: str, value: Any, least: float, most: float) -> float:
    number = _number(where, value)
    if not least <= number <= most:
        raise Refused(f"{where} is {number:g}; it may be {least:g} to {most:g}")
    return number


def _batch(where: str, value: Any, model: Mapping[str, Any]) -> int:
    number = _number(where, value)
    if number != int(number):
        raise Refused(f"{where} is {number:g}, not a whole number")
    return int(_ranged(where, value, 1, model["most_batch"]))


def _device(where: str, value: Any, model: Mapping[str, Any]) -> str:
    devices = model["devices"]
    if value not in devices and (value != SOONEST or len(devices) < 2):
        more = f", or {SOONEST}" if len(devices) > 1 else ""
        raise Refused(f"{where} is {value!r}; it can run on {', '.join(devices)}{more}")
    return str(value)


def _kind(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"type"}:
        return f"of the type {value['type']}"
    return "None" if value is None else f"of the type {type(value).__name__}"
