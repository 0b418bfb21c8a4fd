"""Where a location of pydantic's is in a document's data: parts, their keys, and what tells them apart."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from .base import Document, Part, Route
from .step import Step
from .steps import tag


def follow(kind: type[Document], location: Iterable[str | int]) -> tuple[Route, type[Part] | None]:
    """The route in the document's data that pydantic's location means, without its tags of unions.

    And the part that holds the last key.
    """
    route: list[str | int] = []
    annotation: Any = kind
    holder: type[Part] | None = None
    for key in location:
        parts = parts_of(annotation)
        if len(parts) > 1 and (chosen := [part for part in parts if tag_of(part) == key]):
            annotation = chosen[0]
            continue
        if not parts and len(members := _members(annotation)) > 1:
            annotation = next((member for member in members if str(key).startswith(_kind_name(member))), None)
            continue
        container = _container(annotation)
        if len(parts) == 1 and not container:
            holder = parts[0]
            route.append(key)
            annotation = next((info.annotation for name, info in fields(holder) if name == key), None)
        elif container:
            route.append(key)
            annotation = container
    return tuple(route), holder


def fields(part: type[Part]) -> Iterator[tuple[str, FieldInfo]]:
    """The keys of a part as documents write them."""
    for name, info in part.model_fields.items():
        yield name.rstrip("_"), info


def keys(part: type[Part]) -> list[str]:
    """The keys that a part may have."""
    return [name for name, _ in fields(part)]


def parts_of(annotation: Any) -> list[type[Part]]:
    """The parts that a value of this type may be."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    if get_origin(annotation) is Annotated:
        return parts_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for member in get_args(annotation) for part in parts_of(member)]
    return []


def tag_of(part: type[Part]) -> str | None:
    """By which word pydantic tells this part from the others of its union."""
    if issubclass(part, Step):
        return tag(part)
    if said := getattr(part, "TAG", None):
        return str(said)
    for name in ("type", "kind"):
        if name in part.model_fields:
            return str(part.model_fields[name].default)
    return None


def _members(annotation: Any) -> list[Any]:
    """The types, None apart, of a union; pydantic adds which of them failed to the location."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) not in (Union, types.UnionType):
        return [annotation]
    return [member for member in get_args(annotation) if member is not type(None)]


def _kind_name(annotation: Any) -> str:
    origin = get_origin(annotation)
    return (
        _kind_name(get_args(annotation)[0])
        if origin is Annotated
        else getattr(origin or annotation, "__name__", "?")
    )


def _container(annotation: Any) -> Any:
    annotation = _members(annotation)[0]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _container(arguments[0])
    if origin in (list, tuple):
        return arguments[0]
    return arguments[1] if origin is dict else None
