"""From plain data to a document, or to the problems that keep it from being one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..hiding import without_credentials
from .application import Application
from .base import Document, Part, Route
from .device import Device
from .errors import did_you_mean
from .location import fields, follow, keys
from .model import Model
from .naming import named, within
from .pipeline import Pipeline
from .policy import Policy
from .profile import Profile
from .scheduler import Scheduler
from .sensor import Sensor
from .steps import KINDS as STEP_KINDS
from .steps import JoinStep
from .units import as_duration, is_duration

KINDS: dict[str, type[Document]] = {
    kind.KIND: kind for kind in (Sensor, Model, Pipeline, Application, Scheduler, Policy, Profile, Device)
}

# What an address looks like, by a word of the pattern that it has to match.
ADDRESSES = {
    "url": {"rtsp": "rtsp://HOST/PATH, or rtsps://", "http": "http://HOST/PATH, or https://"},
    "broker": {"mqtt": "mqtt://HOST, mqtt://HOST:PORT, or mqtts:// for TLS"},
}

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
}


def problems(kind: type[Document], error: ValidationError, data: Any) -> Iterator[tuple[Route, str, str]]:
    """Each thing that is wrong with a document's data: the route to it, what, and what to do. One a place."""
    seen: dict[Route, list[ErrorDetails]] = {}
    parts: dict[Route, type[Part] | None] = {}
    for detail in error.errors(include_url=False):
        route, part = follow(kind, detail["loc"])
        seen.setdefault(route, []).append(detail)
        parts[route] = part
    for route, details in seen.items():
        if any(other[: len(route)] == route != other for other in seen):
            continue  # of the types that it may have it is the one in which something is wrong
        yield route, *_say(details, route, parts[route], data)


def _say(details: list[ErrorDetails], route: Route, part: type[Part] | None, data: Any) -> tuple[str, str]:
    detail, key = details[0], route[-1] if route else ""
    name = named(route, data)
    if key in ("user", "password"):
        more = ", or name a variable: password_env" if key == "password" else ""
        return f"{name} can't be used as it is", f"write text in quotes{more}"
    kinds = {item["type"] for item in details}
    if kinds <= _EXPECTED.keys():
        expected = " or ".join(dict.fromkeys(_EXPECTED[item["type"]] for item in details))
        if part is JoinStep and key == "join":
            expected = "a list of steps, or keys: {from: STEP, tolerance: 40ms} of another sensor's"
        return f"{name} is {_shown(detail['input'])}", _wanted(expected, detail["input"])
    words = [word for item in details if item["type"] == "literal_error" for word in _words(item)]
    if words and kinds <= _EXPECTED.keys() | {"literal_error"}:
        return f"{name} is {_shown(detail['input'])}", _one_of(details, words)
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {key!r}{within(route, data)}", did_you_mean(key, keys(part) if part else ())
        case "missing":
            return f"{name} is missing", f"add it: {_about(part, key)}" if _about(part, key) else "add it"
        case "union_tag_invalid":
            known = [word.strip("' ") for word in str(detail["ctx"]["expected_tags"]).split(",")]
            return f"{name} has the unknown type {detail['ctx']['tag']!r}", did_you_mean(
                detail["ctx"]["tag"], known
            )
        case "union_tag_not_found":
            return (
                f"{name} doesn't say its {_discriminator(detail)}",
                "add it; `edgert schema` lists them",
            )
        case "too_long" | "too_short":
            at_most = detail["ctx"].get("max_length")
            if detail["ctx"].get("field_type") == "Tuple":
                return f"{name} has {detail['ctx']['actual_length']} items", f"write {at_most}"
            wanted = (
                f"at least {detail['ctx'].get('min_length')}" if at_most is None else f"at most {at_most}"
            )
            return f"{name} has {detail['ctx']['actual_length'] or 'no'} items", f"write {wanted}"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return f"{name} is {_shown(detail['input'])}", _bound(detail)
        case "step_kind":
            return _no_kind_of_step(detail["input"])
        case "string_pattern_mismatch" if key == "name":
            return f"the name {_shown(detail['input'])} can't be used", "write letters, digits, - and _"
        case "string_pattern_mismatch" if key in ADDRESSES:
            scheme = next(name for name in ADDRESSES[key] if name in detail["ctx"]["pattern"])
            return f"{name} is {_shown(detail['input'])}", f"write {ADDRESSES[key][scheme]}"
        case "string_pattern_mismatch":
            return f"{name} is {_shown(detail['input'])}, which is no name", "write letters, digits, - and _"
        case "string_too_short":
            return f"{name} is empty", "fill it in"
    text = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
    if text.startswith("should be"):
        return f"{name} is {_shown(detail['input'])}", text.replace("should be", "it must be")
    what, _, remedy = text.partition("; ")
    return (f"{name}: {what}" if route else what), remedy


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "keys and values"
    if isinstance(value, str):
        value = without_credentials(value)  # nobody's affair
    return (
        "empty" if value is None else "true" if value is True else "false" if value is False else repr(value)
    )


def _bound(detail: ErrorDetails) -> str:
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    tell = as_duration if is_duration(detail["input"]) else "{:g}".format
    return " ".join(
        f"write {words[key]} {tell(value)}" for key, value in detail["ctx"].items() if key in words
    )


def _words(detail: ErrorDetails) -> list[str]:
    """What pydantic says that a word may be."""
    return [word.strip("' ") for word in str(detail["ctx"]["expected"]).replace(" or ", ",").split(",")]


def _one_of(details: list[ErrorDetails], words: list[str]) -> str:
    """The remedy for a value that is none of these words, nor of another type that it may have."""
    expected = dict.fromkeys(_EXPECTED[item["type"]] for item in details if item["type"] in _EXPECTED)
    every = "write" if expected else "write one of"
    remedy = did_you_mean(details[0]["input"], words, every)
    return remedy.replace("write", f"write {' or '.join(expected)}, or", 1) if expected else remedy


def _wanted(expected: str, value: Any) -> str:
    if expected == "text" and isinstance(value, bool):
        return "YAML reads yes, no, on, off, true and false so: put the word in quotes"
    if expected == "text" and isinstance(value, (int, float)):
        return f'it must be text: put it in quotes, "{value}"'
    return f"write {expected}"


def _about(part: type[Part] | None, key: str | int) -> str:
    text = next((info.description for name, info in fields(part) if name == key), None) if part else None
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    return re.split(r"\. ", paragraph)[0].rstrip(".")


def _discriminator(detail: ErrorDetails) -> str:
    return str(detail["ctx"]["discriminator"]).strip("'")


def _no_kind_of_step(value: Any) -> tuple[str, str]:
    known = list(dict.fromkeys(kind.KEY for kind in STEP_KINDS))
    if not isinstance(value, dict):
        return f"a step is {_shown(value)}", "write its name and what it does"
    several = [key for key in known if key in value]
    if len(several) > 1:
        said = " and ".join(several)
        return f"a step does one thing, and this one says {said}", "make a step of its own of each"
    other = [
        key for key in value if key not in ("name", "when", "sensor", "from", "for_each", "params", "iou")
    ]
    near = did_you_mean(other[0], known, "") if other else ""
    what = f"a step can't do {other[0]!r}" if other else "the step doesn't say what it does"
    return what, near if near.startswith("did") else f"give it one of {', '.join(known)}"
