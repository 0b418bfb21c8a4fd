"""Bringing a tensor into the shape and the type that a model's input wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgert.documents import Quantisation, Refused
from edgert.documents.features import Encoded

from .native import Builder, Value

INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


def matches(given: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether one shape serves as the other; -1 is any extent."""
    return len(given) == len(wanted) and all(
        a == b or -1 in (a, b) for a, b in zip(given, wanted, strict=True)
    )


def target(given: Sequence[int], wanted: Sequence[int]) -> list[int] | None:
    """The shape to reshape to: ones are added or dropped, others stay in order. None when that can't be.

    Last axes belong together; an extent that is left open in `wanted` becomes what is given there, or 1.
    """
    left = [extent for extent in given if extent != 1]
    result: list[int] = []
    for extent in reversed(wanted):
        if extent == 1 or (extent < 0 and not left):
            result.append(1)
        elif left and (extent < 0 or left[-1] in (extent, -1)):
            given_extent = left.pop()
            result.append(given_extent if extent < 0 else extent)
        else:
            return None
    return None if left or result.count(-1) > 1 else result[::-1]


def quantisation(encoded: Encoded, tensor: Mapping[str, Any]) -> Quantisation | None:
    """How the input's integers stand for values: as declared, else as the model file says."""
    if encoded.quantisation:
        return encoded.quantisation
    scale = float(tensor.get("quant_scale") or 0)
    return Quantisation(scale=scale, zero=int(tensor.get("quant_zero") or 0)) if scale > 0 else None


def dtype_of(encoded: Encoded, tensor: Mapping[str, Any], kind: str) -> str:
    """The input's element type. Raises Refused when the document says another one than the model file."""
    real = str(tensor["dtype"])
    if encoded.dtype is not None and encoded.dtype != real:
        what = f"dtype is {encoded.dtype}, and input {tensor['name']!r} of the model is {real}"
        raise Refused(what, f"write {real}, or leave it out", (kind, "dtype"))
    return real


def encoding(encoded: Encoded, tensor: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """How the input stores numbers: quant_scale and quant_zero of integers, else nothing. Raises Refused."""
    how = quantisation(encoded, tensor) if dtype_of(encoded, tensor, kind) in INTEGERS else None
    return {"quant_scale": how.scale, "quant_zero": how.zero} if how else {}


def as_float(builder: Builder, value: Value, tensor: Mapping[str, Any] | None = None) -> Value:
    """The value as float32: an integer tensor of a model is dequantised by its own scale."""
    dtype = value.spec["dtype"]
    if dtype == "float32":
        return value
    scale = float((tensor or {}).get("quant_scale") or 0)
    if dtype in INTEGERS and scale > 0 and tensor:
        params: dict[str, Any] = {"scale": scale, "zero": int(tensor.get("quant_zero") or 0)}
        result: Value = builder.transform("tensor.dequantize", params, [value])
    else:
        result = builder.transform("tensor.cast", {"dtype": "float32"}, [value])
    return result
