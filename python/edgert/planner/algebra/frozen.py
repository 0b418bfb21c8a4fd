"""Mappings that can be compared and hashed, so that formats can be places of a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Frozen(Mapping[str, Any]):
    """An immutable mapping; lists in it become tuples and mappings Frozen. An absent key is None."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        given = {**(items or {}), **more}
        self._items = {key: frozen(value) for key, value in sorted(given.items()) if value is not None}
        self._hash = hash(tuple(self._items.items()))

    def __getitem__(self, key: str) -> Any:
        return self._items.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self._items == other._items

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{key}: {value!r}" for key, value in self._items.items()) + "}"

    def but(self, items: Mapping[str, Any] | None = None, /, **more: Any) -> Frozen:
        """The same with other values for these keys; None takes a key away."""
        return Frozen({**self._items, **(items or {}), **more})

    def thawed(self) -> dict[str, Any]:
        """Plain data: dicts and lists."""
        return {key: thawed(value) for key, value in self._items.items()}


def frozen(value: Any) -> Any:
    """A value that can be hashed."""
    if isinstance(value, Mapping):
        return value if isinstance(value, Frozen) else Frozen(value)
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    return value


def thawed(value: Any) -> Any:
    """The plain data of a frozen value."""
    if isinstance(value, Frozen):
        return value.thawed()
    return [thawed(item) for item in value] if isinstance(value, tuple) else value
