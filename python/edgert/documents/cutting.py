"""How fine a model is cut into pieces that run one after another."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from .units import Duration

MOST = 64

JSON = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": MOST},
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*(us|ms|s|min|h)\s*$"},
    ],
    "description": "How many pieces, or how long each may take at most",
    "examples": [4, "5ms"],
}


def _pieces(value: Any) -> int | Duration:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
        return value
    if isinstance(value, (str, Duration)):
        try:
            span = Duration(value)
        except ValueError as error:
            raise PydanticCustomError("unit", "{text}", {"text": str(error)}) from None
        if span > 0:
            return span
    text = f'expected a number of pieces from 1 to {MOST}, or how long each may take ("5ms"); it is {value!r}'
    raise PydanticCustomError("pieces", "{text}", {"text": text})


Pieces = Annotated[int | Duration, BeforeValidator(_pieces), WithJsonSchema(JSON)]
"""A number of pieces (int; 1: whole), or a Duration that each may take at most."""
