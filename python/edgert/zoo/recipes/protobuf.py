"""The little of protobuf's wire format that reading a checkpoint takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Fields = dict[int, list[Any]]


def fields(message: bytes) -> Fields:
    """The values of a message by field number: int for numbers, bytes for strings and messages."""
    found: Fields = {}
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        value, at = _value(message, at, tag & 7)
        found.setdefault(tag >> 3, []).append(value)
    return found


def first(message: Mapping[int, list[Any]], number: int, default: Any) -> Any:
    """The first value of that field, or the default."""
    return message.get(number, [default])[0]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The variable-length integer at that byte, and the byte after it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _value(message: bytes, at: int, wire_type: int) -> tuple[Any, int]:
    if wire_type == 0:
        return varint(message, at)
    if wire_type == 2:
        length, at = varint(message, at)
    elif wire_type in (1, 5):
        length = 8 if wire_type == 1 else 4
    else:
        raise ValueError(f"protobuf wire type {wire_type} isn't known")
    content = message[at : at + length]
    return (content if wire_type == 2 else int.from_bytes(content, "little")), at + length
