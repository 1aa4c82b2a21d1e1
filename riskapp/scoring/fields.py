"""Checked access to decoded JSON from a stranger: each value knows its path and names itself.

Nothing here repeats a value at length, nor walks deeper than it is told to.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Never, TypeVar

NUMBER_DIGITS = 24
"""Most digits above or below the line of a number that is computed with."""
TEXT_LENGTH = 300
WHOLE_MOST = 10**9
_QUOTED = 40
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:/[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")

Word = TypeVar("Word", bound=StrEnum)


class MalformedReceipt(ValueError):  # noqa: N818 - the refusal's name in the scheme's own words
    """A file that is no receipt: `field` is the path of what is wrong, `problem` what is right."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def quoted(value: object) -> str:
    """Name a value in a message, in a few printable characters, however large or deep it is."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            cut = value if len(value) <= _QUOTED else f"{value[:_QUOTED]}…"
            return f"the text {json.dumps(cut)}"
        case int() if abs(value) > WHOLE_MOST:
            return "a huge number"
        case None | bool() | int() | float():
            return json.dumps(value)
        case _:
            return f"a Python {type(value).__name__}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its path in the file, such as `items[3].evidence.level`."""

    value: object
    path: str = ""

    def refuse(self, problem: str) -> Never:
        raise MalformedReceipt(self.path or "receipt", problem)

    def wrong(self, right: str) -> Never:
        self.refuse(f"must be {right}, not {quoted(self.value)}")

    def entries(self, most: int) -> dict[str, "Node"]:
        """Read an object whose keys are free text."""
        if not isinstance(self.value, dict):
            self.wrong("an object")
        if len(self.value) > most:
            self.refuse(f"must have at most {most} entries, not {len(self.value)}")
        nodes = {}
        for key, value in self.value.items():
            node = self._inner(key, value)
            Node(key, node.path).text()
            nodes[key] = node
        return nodes

    def record(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Node"]:
        """Read an object with exactly these keys; an optional one that is absent reads as null."""
        if not isinstance(self.value, dict):
            self.wrong("an object")
        allowed = {*required, *optional}
        for key in sorted(allowed.union(self.value)):
            if key not in allowed:
                keys = ", ".join(sorted(allowed))
                self._inner(key, None).refuse(f"is not a known key; here stand {keys}")
            if key not in self.value and key in required:
                self._inner(key, None).refuse("is missing")
        return {key: self._inner(key, self.value.get(key)) for key in allowed}

    def rows(self, most: int) -> list["Node"]:
        if not isinstance(self.value, list):
            self.wrong("a list")
        if len(self.value) > most:
            self.refuse(f"must have at most {most} entries, not {len(self.value)}")
        return [Node(row, f"{self.path}[{index}]") for index, row in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.wrong("a text")
        if not 0 < len(self.value) <= TEXT_LENGTH:
            self.refuse(f"must have 1 to {TEXT_LENGTH} characters, not {len(self.value)}")
        if any("\ud800" <= character <= "\udfff" for character in self.value):
            self.refuse("must be Unicode text, but holds half a character (a lone surrogate)")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.wrong("true or false")
        return self.value

    def weight(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.wrong("a whole number such as 3")
        if not 1 <= self.value <= WHOLE_MOST:
            self.refuse(f"must be 1 to {WHOLE_MOST}, not {quoted(self.value)}")
        return self.value

    def fraction(self, most: int, digits: int = NUMBER_DIGITS) -> Fraction:
        """Read an exact number in 0…`most`, as text: "9/10", "60"."""
        number = self.number(digits)
        if not 0 <= number <= most:
            self.refuse(f"must lie in 0 to {most}, not {quoted(self.value)}")
        return number

    def number(self, digits: int = NUMBER_DIGITS) -> Fraction:
        """Read an exact number of at most `digits` digits above and below the line."""
        if not isinstance(self.value, str):
            self.wrong('an exact fraction as text, such as "9/10"')
        if len(self.value) > 2 * digits + 2:
            self.refuse(f"is too long a number: at most {digits} digits above and below the line")
        if not _NUMBER.fullmatch(self.value):
            self.wrong('an exact fraction such as "9/10" or "60"')
        above, _, below = self.value.partition("/")
        if max(len(above), len(below)) > digits:
            self.refuse(f"is too long a number: at most {digits} digits above and below the line")
        if below and not int(below):
            self.refuse("must not have zero below the line")
        return Fraction(int(above), int(below or 1))

    def day(self) -> date:
        if not isinstance(self.value, str) or not _DAY.fullmatch(self.value):
            self.wrong('a date such as "2026-11-23"')
        try:
            return date.fromisoformat(self.value)
        except ValueError:
            self.wrong("a date that exists")

    def word(self, words: Sequence[Word]) -> Word:
        """Read one of a closed list of words."""
        found = [word for word in words if isinstance(self.value, str) and word == self.value]
        if not found:
            self.wrong("one of " + ", ".join(words))
        return found[0]

    def _inner(self, key: str, value: object) -> "Node":
        name = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key[:_QUOTED])
        return Node(value, f"{self.path}.{name}" if self.path else name)
