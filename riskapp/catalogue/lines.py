"""Reads YAML into plain text values and remembers on which line each of them stands.

Only events are read, never objects: every scalar stays the text that was written, so that `no` is
a word, `1.10` a release and `0.1` an exact credit. What a reader of the file could stumble over is
refused: duplicate keys, anchors and aliases, tags, empty values, deep nesting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from riskapp.catalogue.errors import Fault, Faulty

DEEPEST = 30
"""Levels of nesting. The format itself needs about twelve."""

Path = Sequence[int | str]
"""Keys and indices from the top of a file down to one value."""


@dataclass(slots=True)
class Node:
    """One value and where it stands: lines count from 1; `keys` are the lines of a mapping's keys.

    `value` is a str, a dict[str, Node] or a list[Node].
    """

    line: int
    value: Any
    keys: dict[str, int] = field(default_factory=dict)

    def plain(self) -> Any:  # noqa: ANN401 - nested text, lists and dicts
        """The value without its lines: str, list and dict only."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


@dataclass(frozen=True, slots=True)
class Document:
    """A file's values, and the line of each."""

    where: str
    root: Node

    def line(self, path: Path) -> int:
        """The line where a path stands, or, of what is missing, where it would belong."""
        node, line = self.root, self.root.line
        for step in path:
            if isinstance(step, str) and isinstance(node.value, dict) and step in node.value:
                line, node = node.keys[step], node.value[step]
            elif isinstance(step, int) and isinstance(node.value, list) and step < len(node.value):
                node = node.value[step]
                line = node.line
            else:
                break
        return line

    def fault(self, path: Path, problem: str, remedy: str) -> Fault:
        return Fault(self.where, self.line(path), in_words(path), problem, remedy)


def in_words(path: Path) -> str:
    """A path as people write it: "sections[1].questions[0].weight"."""
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}"
    return words.removeprefix(".")


def read(text: str, where: str) -> Document:
    """The one document in a YAML text. Raises Faulty; `where` names the file in its faults."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        fault = Fault(where, line, "", "holds half a character", "save the file as UTF-8")
        raise Faulty([fault]) from error
    reading = _Reading(where)
    try:
        root = reading.document(YAML(typ="safe", pure=True).parse(text))
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: \U99999999
        raise Faulty([_syntax(error, reading, text)]) from error
    if reading.faults:
        raise Faulty(reading.faults)
    if not isinstance(root.value, dict):
        problem = "is no questionnaire"
        raise Faulty([Fault(where, root.line, "", problem, "begin with `id:` on the first line")])
    return Document(where, root)


def _syntax(error: Exception, reading: "_Reading", text: str) -> Fault:
    line, problem = reading.line, str(error).partition("\n")[0]
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = line if mark is None else mark.line + 1
        problem = error.problem or error.context or problem
    elif isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
    remedy = "correct the syntax on this line or the one before"
    return Fault(reading.where, line, "", f"is no YAML ({problem})", remedy)


class _Reading:
    """One pass over the events of one file; collects faults that leave the rest readable."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.faults: list[Fault] = []
        self.line = 1  # of the last key: where an empty value belongs

    def document(self, events: Iterator[Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                self._refuse(event, (), "holds a second document", "keep one release in a file")
                break
            if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
                root = self._node(event, events, ())
        return root or Node(1, None)

    def _refuse(self, event: Event, path: Path, problem: str, remedy: str) -> None:
        empty = isinstance(event, ScalarEvent) and event.style is None and not event.value
        line = self.line if empty else event.start_mark.line + 1
        self.faults.append(Fault(self.where, line, in_words(path), problem, remedy))

    def _node(self, event: Event, events: Iterator[Event], path: tuple[int | str, ...]) -> Node:
        if len(path) > DEEPEST:
            self._refuse(event, path, "is nested too deeply", "see the format's description")
            raise Faulty(self.faults)
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, path, "uses an anchor or alias", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, path, f"has the tag {tag}", "take the tag away")
        line = event.start_mark.line + 1
        if isinstance(event, MappingStartEvent):
            return self._mapping(line, events, path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(line, events, path)
        return Node(line, self._text(event, path) if isinstance(event, ScalarEvent) else "")

    def _text(self, event: ScalarEvent, path: Path) -> str:
        text = str(event.value)
        if event.style is None and text in {"", "~", "null"}:
            self._refuse(event, path, "is empty", "give it a value or leave it out")
        return text

    def _sequence(self, line: int, events: Iterator[Event], path: tuple[int | str, ...]) -> Node:
        children: list[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            children.append(self._node(event, events, (*path, len(children))))
        return Node(line, children)

    def _mapping(self, line: int, events: Iterator[Event], path: tuple[int | str, ...]) -> Node:
        children: dict[str, Node] = {}
        keys: dict[str, int] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            self.line = event.start_mark.line + 1
            key = self._key(event, events, path)
            if key in keys:
                problem = f"stands here a second time; the first is on line {keys[key]}"
                self._refuse(event, (*path, key), problem, "keep one of the two")
            keys[key] = self.line
            children[key] = self._node(next(events), events, (*path, key))
        return Node(line, children, keys)

    def _key(self, event: Event, events: Iterator[Event], path: tuple[int | str, ...]) -> str:
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:
            return str(event.value)
        self._node(event, events, path)
        self._refuse(event, path, "has a key that is no plain word", "use a word as the key")
        return ""
