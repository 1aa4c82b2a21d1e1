"""Reads JSON as VSAQ's files use it: with comments, joined strings, hex escapes; keeps lines."""

import json
import re
from dataclasses import dataclass, field
from typing import NoReturn

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.trees import DEEPEST, MOST_VALUES
from riskapp.catalogue.lines import Node

_TOKEN = re.compile(
    r"""(?P<space>\s++)
      | (?P<comment>//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)
      | (?P<string>"(?:[^"\\\n]++|\\[^\n])*+")
      | (?P<sign>[{}\[\]:,+])
      | (?P<word>[\w.-][\w.+-]*+)""",
    re.VERBOSE,
)
_HEX = re.compile(r"(\\\\)|\\x")
_WORDS = {"true": "true", "false": "false", "null": None}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Loose:
    """A file's values, the comments before the first of them, and those further on by line."""

    root: Node
    header: str
    comments: tuple[tuple[int, str], ...]


def read(text: str) -> Loose:
    """The value in a text. Raises NotImportable, with the line, where it is none."""
    reading = _Reading(text)
    root = reading.value(0)
    if reading.kind != "end":
        reading.refuse("goes on after its end")
    first = reading.first_line
    header = "\n".join(words for line, words in reading.comments if line <= first)
    rest = tuple((line, words) for line, words in reading.comments if line > first)
    return Loose(root, header, rest)


@dataclass(slots=True)
class _Reading:
    """Goes through a text token by token; `kind` and `said` are the one in hand, on `line`."""

    text: str
    at: int = 0
    line: int = 1
    kind: str = ""
    said: str = ""
    values: int = 0
    first_line: int = 0
    comments: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.next()
        self.first_line = self.line

    def next(self) -> None:
        while self.at < len(self.text):
            found = _TOKEN.match(self.text, self.at)
            if found is None:
                self._unreadable()
            self.at = found.end()
            kind, said = str(found.lastgroup), found[0]
            if kind == "comment":
                self.comments.append((self.line, said.strip("/* \t\r\n")))
            if kind not in {"space", "comment"}:
                self.kind, self.said = kind, said
                return
            self.line += said.count("\n")
        self.kind, self.said = "end", ""

    def _unreadable(self) -> NoReturn:
        sign = self.text[self.at]
        if sign == '"':
            self.refuse("has a text that is not closed")
        if self.text.startswith("/*", self.at):
            self.refuse("has a comment that is not closed")
        self.refuse(f"has a sign {sign!r} that does not belong there")

    def refuse(self, problem: str) -> NoReturn:
        remedy = "correct this line or the one before, or get the whole file again"
        raise NotImportable(f"The file is no JSON: line {self.line} {problem}", remedy)

    def value(self, depth: int) -> Node:
        self.values += 1
        if depth > DEEPEST:
            self.refuse(f"is nested more than {DEEPEST} levels deep")
        if self.values > MOST_VALUES:
            self.refuse(f"is past the {MOST_VALUES:,} values that are read at most")
        line = self.line
        if self.kind == "sign" and self.said == "{":
            return self._mapping(depth)
        if self.kind == "sign" and self.said == "[":
            return self._list(depth)
        if self.kind == "string":
            return Node(line, self._string())
        return Node(line, self._word())

    def _word(self) -> str | None:
        if self.kind == "end":
            self.refuse("is the last: the file is cut off")
        if self.kind != "word" or (self.said not in _WORDS and not _NUMBER.fullmatch(self.said)):
            self.refuse(f"has {self.said[:40]!r} where a value belongs")
        said = self.said
        self.next()
        return _WORDS.get(said, said)

    def _string(self) -> str:
        """A text, and those joined to it by plus signs."""
        parts = [self._one_string()]
        while self.kind == "sign" and self.said == "+":
            self.next()
            if self.kind != "string":
                self.refuse("joins a text with something else")
            parts.append(self._one_string())
        return "".join(parts)

    def _one_string(self) -> str:
        said = _HEX.sub(lambda found: found[1] or r"\u00", self.said)
        try:
            text = str(json.loads(said, strict=False))
        except ValueError:
            self.refuse("has a text with a wrong escape")
        self.next()
        return text

    def _list(self, depth: int) -> Node:
        line, children = self.line, []
        self.next()
        while not self._closed("]"):
            children.append(self.value(depth + 1))
            self._separated("]")
        return Node(line, children)

    def _mapping(self, depth: int) -> Node:
        node = Node(self.line, {})
        self.next()
        while not self._closed("}"):
            if self.kind != "string":
                self.refuse("has a value without a name" if self.kind != "end" else "is the last")
            line, key = self.line, self._string()
            if self.said != ":" or self.kind != "sign":
                self.refuse("lacks a colon")
            self.next()
            value = self.value(depth + 1)
            if key in node.keys:
                self._again(key, line, node, value)
            node.keys[key] = line
            node.value[key] = value
            self._separated("}")
        return node

    def _again(self, key: str, line: int, node: Node, value: Node) -> None:
        """Refuses a name that stands twice with different values; the same one does no harm."""
        before = node.value[key].value
        if isinstance(before, list | dict) or before != value.value:
            self.line = line
            self.refuse(f"says “{key[:40]}” a second time; the first is on line {node.keys[key]}")

    def _closed(self, sign: str) -> bool:
        closed = self.kind == "sign" and self.said == sign
        if closed:
            self.next()
        return closed

    def _separated(self, closing: str) -> None:
        """Steps over a comma; one before the closing bracket does no harm."""
        if self.kind == "sign" and self.said == ",":
            self.next()
        elif not (self.kind == "sign" and self.said == closing):
            cut = self.kind == "end"
            self.refuse("is the last: the file is cut off" if cut else "lacks a comma or a bracket")
