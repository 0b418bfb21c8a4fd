"""Quantities with units: durations ("200ms"), rates ("16kHz"), sizes ("2GB"), spans ("975ms", or samples)."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

SECONDS = {
    "us": Fraction(1, 1_000_000),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
}
HERTZ = {"Hz": Fraction(1), "kHz": Fraction(1000), "MHz": Fraction(1_000_000), "fps": Fraction(1)}
BYTES = {
    "B": Fraction(1),
    **{f"{k}B": Fraction(1000**n) for n, k in enumerate("kMGT", 1)},
    **{f"{k}iB": Fraction(1024**n) for n, k in enumerate(("K", "M", "G", "T"), 1)},
}
HIGHEST = 1e9  # Hz
LONGEST = 366 * 24 * 3600.0  # s
LARGEST = 1024**5  # bytes: a PiB

_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([^\s0-9.]*)\s*")


class Duration(float):
    """A time in seconds, not negative. Made from text with a unit ("200ms") or, in Python, from seconds."""

    def __new__(cls, value: str | float) -> Duration:
        seconds = parse(value, SECONDS, "duration") if isinstance(value, str) else float(value)
        if not 0 <= seconds <= LONGEST:
            raise ValueError(f"a duration is 0 to 366 days; this is {value}")
        return super().__new__(cls, seconds)

    def __repr__(self) -> str:
        return f"Duration({float(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _duration,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: f"{float(value):.9g}s", when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return _json("A time with its unit", SECONDS, "200ms", "1.5s")


def is_duration(value: object) -> bool:
    """Whether a document's value is a time: a Duration, or text with a unit of time."""
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return isinstance(value, Duration) or bool(match and match[2] in SECONDS)


def as_duration(seconds: float) -> str:
    """A time as it is written in documents: 0.001 is "1ms"."""
    fits = [unit for unit, one in SECONDS.items() if seconds >= one]
    unit = max(fits, key=lambda unit: SECONDS[unit], default="us")
    return f"{seconds / float(SECONDS[unit]):g}{unit}"


def parse(text: str, units: dict[str, Fraction], what: str) -> float:
    """The value of "NUMBER UNIT" in the base unit. Raises ValueError, with the known units."""
    if text.lstrip().startswith("-"):
        raise ValueError(f"the {what} {text!r} is negative; write a number without a minus")
    match = _QUANTITY.fullmatch(text)
    known = ", ".join(units)
    if not match:
        raise ValueError(f"{text!r} is no {what}; write a number and a unit of {known}")
    number, unit = match.groups()
    if unit not in units:
        wrong = f"has the unknown unit {unit!r}" if unit else "has no unit"
        raise ValueError(f"the {what} {text!r} {wrong}; the units are {known}")
    try:
        return float(Fraction(number) * units[unit])
    except OverflowError:
        raise ValueError(f"the {what} {text[:20]!r}… is larger than any; write a smaller number") from None


def samples(span: int | float, rate: float) -> int:
    """A span in samples: a whole number is samples already, a Duration is counted at `rate` Hz.

    Raises ValueError when the duration is no whole number of samples.
    """
    if not isinstance(span, Duration):
        return int(span)
    exact = Fraction(repr(float(span))) * Fraction(repr(float(rate)))
    nearest = round(exact)
    if abs(exact - nearest) > Fraction(1, 1000):
        raise ValueError(
            f"{float(span):g} s at {rate:g} Hz is {float(exact):g} samples; choose a whole number of them"
        )
    return nearest


def _json(title: str, units: dict[str, Fraction], *examples: str, also: str | None = None) -> dict[str, Any]:
    pattern = rf"^\s*[0-9.]+\s*({'|'.join(units)})\s*$"
    text = {"type": "string", "pattern": pattern, "description": title, "examples": list(examples)}
    return {"anyOf": [{"type": also}, text]} if also else text


def _duration(value: Any) -> Duration:
    try:
        if isinstance(value, Duration):
            return value
        if isinstance(value, str):
            return Duration(value)
    except ValueError as error:
        raise PydanticCustomError("unit", "{text}", {"text": str(error)}) from None
    text = f'a duration needs its unit: write "200ms" or "1.5s", not {value!r}'
    raise PydanticCustomError("unit", "{text}", {"text": text})


def _rate(value: Any) -> float:
    try:
        hertz = parse(value, HERTZ, "rate") if isinstance(value, str) else value
    except ValueError as error:
        raise PydanticCustomError("unit", "{text}", {"text": str(error)}) from None
    if isinstance(hertz, bool) or not isinstance(hertz, (int, float)) or not 0 < hertz <= HIGHEST:
        text = f'a rate is a number of Hz above 0, to 1e9, or text as "16kHz" or "5fps"; this is {value!r}'
        raise PydanticCustomError("unit", "{text}", {"text": text})
    return float(hertz)


def _span(value: Any) -> int | Duration:
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise PydanticCustomError("unit", "a number of samples is not negative")
        return value
    if isinstance(value, (str, Duration)):
        return _duration(value)
    text = f'expected a whole number of samples, or a duration as "975ms"; this is {value!r}'
    raise PydanticCustomError("unit", "{text}", {"text": text})


def _above_zero(value: Duration) -> Duration:
    if not value > 0:
        raise PydanticCustomError("unit", "a duration of 0 can't be kept; write one above 0, or leave it out")
    return value


Time = Annotated[Duration, AfterValidator(_above_zero)]
"""A duration above 0."""


def _size(value: Any) -> int:
    try:
        size = parse(value, BYTES, "size") if isinstance(value, str) else value
    except ValueError as error:
        raise PydanticCustomError("unit", "{text}", {"text": str(error)}) from None
    whole = isinstance(size, int) or (isinstance(size, float) and size.is_integer())
    if isinstance(size, bool) or not whole or not 0 <= size <= LARGEST:
        text = f'a size is a whole number of bytes, to 1024 TiB, or text as "2GB"; this is {value!r}'
        raise PydanticCustomError("unit", "{text}", {"text": text})
    return int(size)


Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema(_json("A size: bytes, or with a unit", BYTES, "2GB", "64MiB", also="integer")),
]
"""Bytes, not negative."""

Rate = Annotated[
    float,
    BeforeValidator(_rate),
    WithJsonSchema(_json("A rate: Hz, or with a unit", HERTZ, "16kHz", "5fps", also="number")),
]
"""Hz, above 0."""

Span = Annotated[
    int | Duration,
    BeforeValidator(_span),
    WithJsonSchema(
        _json("A part of a signal: samples (or rows), or a duration", SECONDS, "975ms", also="integer")
    ),
]
"""Samples (int) or a Duration; `samples()` gives the number."""
