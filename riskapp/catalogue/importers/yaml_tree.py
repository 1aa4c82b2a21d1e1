"""Reads foreign YAML into trees: every scalar stays the text that was written.

Aliases are followed, as files written by programs use them for what is said twice, but a file that
multiplies itself by them is refused; so are tags that stand for objects.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

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

from riskapp.catalogue.importers.common import NotImportable, Progress
from riskapp.catalogue.importers.trees import DEEPEST, MOST_VALUES
from riskapp.catalogue.lines import Node

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
_PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{kind}" for kind in
                    ("str", "int", "float", "bool", "null", "seq", "map", "timestamp"))  # fmt: skip
_STEP = 2_000


def read(text: str, progress: Progress | None = None) -> Node:
    """The one value in a text. Raises NotImportable, with the line, where it is none."""
    reading = _Reading(text.count("\n") + 1, progress)
    try:
        return reading.document(YAML(typ="safe", pure=True).parse(text))
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        line, problem = reading.line, str(error).partition("\n")[0]
        if isinstance(error, MarkedYAMLError):
            mark = error.problem_mark or error.context_mark
            line = line if mark is None else mark.line + 1
            problem = error.problem or error.context or problem
        remedy = "correct this line or the one before, or get the whole file again"
        raise NotImportable(f"The file is no YAML: line {line}: {problem[:200]}", remedy) from error


@dataclass(slots=True)
class _Reading:
    lines: int
    progress: Progress | None
    line: int = 1
    values: int = 0
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    """The values that have a name, each with how many values it is made of."""

    def document(self, events: Iterator[Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                self._refuse("begins a second document", "import the documents one by one")
            if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
                root = self._node(event, events, 0)
        if root is None:
            raise NotImportable("The file is empty", "choose the file that holds the questionnaire")
        return root

    def _refuse(self, problem: str, remedy: str) -> NoReturn:
        raise NotImportable(f"The file cannot be read: line {self.line} {problem}", remedy)

    def _count(self, more: int) -> None:
        self.values += more
        if self.values > MOST_VALUES:
            problem = f"is past the {MOST_VALUES:,} values that are read at most, aliases included"
            self._refuse(problem, "write the file out without aliases, or split it")
        if self.progress is not None and self.values % _STEP == 0:
            self.progress(min(self.line, self.lines), self.lines)

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        self.line = event.start_mark.line + 1
        if depth > DEEPEST:
            self._refuse(f"is nested more than {DEEPEST} levels deep", "import a plainer file")
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._count(1)
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in _PLAIN_TAGS and str(tag) != "!":
            self._refuse(f"has the tag {str(tag)[:80]}", "take the tag away")
        before, line = self.values, self.line
        if isinstance(event, MappingStartEvent):
            node = self._mapping(line, events, depth)
        elif isinstance(event, SequenceStartEvent):
            node = self._sequence(line, events, depth)
        else:
            node = Node(line, _scalar(event) if isinstance(event, ScalarEvent) else None)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchors[anchor] = (node, self.values - before + 1)
        return node

    def _alias(self, event: AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            self._refuse(f"names “{event.anchor}”, which stands nowhere before", "correct the name")
        node, count = self.anchors[event.anchor]
        self._count(count)
        return node

    def _sequence(self, line: int, events: Iterator[Event], depth: int) -> Node:
        children: list[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            children.append(self._node(event, events, depth + 1))
        return Node(line, children)

    def _mapping(self, line: int, events: Iterator[Event], depth: int) -> Node:
        node = Node(line, {})
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event)
            if key in node.keys:
                problem = f"says “{key[:40]}” a second time; the first is on line {node.keys[key]}"
                self._refuse(problem, "keep one of the two")
            node.keys[key] = self.line
            node.value[key] = self._node(next(events), events, depth + 1)
        return node

    def _key(self, event: Event) -> str:
        self.line = event.start_mark.line + 1
        if not isinstance(event, ScalarEvent):
            self._refuse("has a name that is no word", "use a word as the name")
        if event.style is None and event.value == "<<":
            self._refuse("merges another mapping (<<)", "write its values out")
        return str(event.value)


def _scalar(event: ScalarEvent) -> str | None:
    text = str(event.value)
    if event.style is None:
        return None if text in _NULL else _TRUTH.get(text, text)
    return text
