"""YAML to plain data, with the line of every value. Keys that come twice are refused, not overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import Resolver

from .base import Key, Route

LIMIT = 200_000  # values in one document; aliases of aliases grow without bound
GREATEST = 2**63  # whole numbers have 64 bits
SECRET = ("user", "password")  # keys whose values are never shown


class Loader(yaml.SafeLoader):
    """SafeLoader that also reads 1e-3 as a number, as YAML 1.2 and JSON do."""


class QuickLoader(Composer, SafeConstructor, Resolver):
    """The same on libyaml's parser: several times faster, with other words for what is wrong. Nodes are made
    by PyYAML: libyaml's own composer ends the process where text is nested too deeply."""

    def __init__(self, text: str) -> None:
        self.events = yaml.cyaml.CParser(text)  # type: ignore[attr-defined]
        self.check_event, self.peek_event = self.events.check_event, self.events.peek_event
        self.get_event, self.dispose = self.events.get_event, self.events.dispose
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)


for _loader in (Loader, QuickLoader):
    _loader.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+$"),
        list("-+0123456789."),
    )


class SyntaxProblem(Exception):
    """Text that is no YAML, or not of documents' kind."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line, self.what, self.remedy = line, what, remedy


@dataclass
class Text:
    """One document of a file: plain data, and the line of each value in it."""

    data: Any
    lines: dict[Route, int] = field(default_factory=dict)
    problems: list[SyntaxProblem] = field(default_factory=list)


def read(text: str) -> Iterator[Text]:
    """The documents of a file, in order. Raises SyntaxProblem where the text stops being YAML."""
    if not yaml.__with_libyaml__:
        yield from _told(text)
        return
    try:
        found = list(_read(QuickLoader(text)))
    except (yaml.YAMLError, SyntaxProblem):
        yield from _told(text)
    else:
        yield from found


def _read(loader: Any) -> Iterator[Text]:
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                yield _Reader(loader).read(node)
    finally:
        loader.dispose()


def _told(text: str) -> Iterator[Text]:
    """As `read`, by the loader whose errors are told."""
    try:
        yield from _read(Loader(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SyntaxProblem(
            mark.line + 1 if mark else 1, f"not YAML: {error.problem}", _remedy(text, mark)
        ) from None
    except yaml.YAMLError as error:
        raise SyntaxProblem(1, f"not YAML: {' '.join(str(error).split())}", "save it as UTF-8 text") from None


def _remedy(text: str, mark: Any) -> str:
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    return "indent with spaces, not tabs" if "\t" in line else "check the indentation, quotes and colons here"


def _shown(node: ScalarNode, route: Route, say: Callable[[str], str] = str) -> str:
    """What was written, after a blank; nothing of it where it is a login."""
    return "" if route and route[-1] in SECRET else f" {say(node.value)}"


class _Reader:
    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.text = Text(None)
        self.open: set[int] = set()

    def read(self, node: Node) -> Text:
        self.text.data = self.value(node, ())
        return self.text

    def value(self, node: Node, route: Route) -> Any:
        line = node.start_mark.line + 1
        self.text.lines.setdefault(route, line)
        if len(self.text.lines) > LIMIT:
            raise SyntaxProblem(
                line, f"more than {LIMIT} values in one document", "split it, or use fewer aliases"
            )
        if isinstance(node, ScalarNode):
            return self.scalar(node, route)
        if id(node) in self.open:
            raise SyntaxProblem(line, "an alias that contains itself", "write the value out")
        self.open.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [self.value(item, (*route, index)) for index, item in enumerate(node.value)]
            assert isinstance(node, MappingNode)
            return self.mapping(node, route)
        finally:
            self.open.discard(id(node))

    def scalar(self, node: ScalarNode, route: Route = ()) -> Any:
        value = self.constructed(node, route)
        if isinstance(value, int) and not -GREATEST <= value < GREATEST:
            what = f"the number{_shown(node, route)} is too large"
            self.problem(node, what, "write one of 64 bits")
            return node.value
        return value

    def constructed(self, node: ScalarNode, route: Route) -> Any:
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            tag = node.tag.rsplit(":", 1)[-1]
            said = _shown(node, route, repr).strip() or repr(route[-1])
            self.problem(node, f"{said} can't be read as {tag}", "put it in quotes, or correct it")
            return node.value

    def problem(self, node: Node, what: str, remedy: str) -> None:
        self.text.problems.append(SyntaxProblem(node.start_mark.line + 1, what, remedy))

    def mapping(self, node: MappingNode, route: Route) -> dict[Key, Any]:
        self.refuse_twice(node)
        self.loader.flatten_mapping(node)
        result: dict[Key, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            here = (*route, key)
            self.text.lines[here] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, here)
        return result

    def key(self, node: Node) -> Key:
        key = self.scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool)):
            return key
        what = (
            f"the key {node.value!r} is read as {key!r}"
            if isinstance(node, ScalarNode)
            else "a key that isn't text"
        )
        raise SyntaxProblem(
            node.start_mark.line + 1, what, "keys are plain words; put it in quotes if it is meant"
        )

    def refuse_twice(self, node: MappingNode) -> None:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    what = f"key {key.value!r} comes twice, first in line {seen[key.value]}"
                    self.text.problems.append(SyntaxProblem(line, what, "keep one of them"))
                seen.setdefault(key.value, line)
