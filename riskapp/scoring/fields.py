"""Checked access to decoded JSON from a stranger: each value knows its path and names itself.

Nothing here repeats a value at length, nor walks deeper than it is told to.
"""

import json
import re
from collections.abc import Sequence
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

_KNOWN = {str(number): number for number in map(Fraction, ("0", "1/4", "1/2", "3/4", "1"))}
"""What most credits are."""

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


class Node:
    """A value and where it stands in the file, such as `items[3].evidence.level`.

    The path is put together only where it is needed: a good receipt is read without one.
    """

    __slots__ = ("_above", "_key", "value")

    def __init__(self, value: object, key: str | int = "", above: "Node | None" = None) -> None:
        self.value, self._key, self._above = value, key, above

    @property
    def path(self) -> str:
        before = "" if self._above is None else self._above.path
        if isinstance(self._key, int):
            return f"{before}[{self._key}]"
        plain = self._above is None or _PLAIN_KEY.fullmatch(self._key)
        name = self._key if plain else json.dumps(self._key[:_QUOTED])
        return f"{before}.{name}" if before else name

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
            Node(key, key, self).text()
            nodes[key] = node
        return nodes

    def record(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Node"]:
        """Read an object with exactly these keys; an optional one that is absent reads as null."""
        if not isinstance(self.value, dict):
            self.wrong("an object")
        allowed = {*required, *optional}
        if not self.value.keys() <= allowed or not self.value.keys() >= set(required):
            self._refuse_keys(allowed, required)
        get = self.value.get
        return {key: Node(get(key), key, self) for key in allowed}

    def _refuse_keys(self, allowed: set[str], required: Sequence[str]) -> Never:
        """Names the first key, in order, that is not known or is missing."""
        there = self.value if isinstance(self.value, dict) else {}
        keys = ", ".join(sorted(allowed))
        unknown = [key for key in there if key not in allowed]
        first = min([*unknown, *(key for key in required if key not in there)])
        if first in unknown:
            self._inner(first, None).refuse(f"is not a known key; here stand {keys}")
        self._inner(first, None).refuse("is missing")

    def rows(self, most: int) -> list["Node"]:
        if not isinstance(self.value, list):
            self.wrong("a list")
        if len(self.value) > most:
            self.refuse(f"must have at most {most} entries, not {len(self.value)}")
        return [Node(row, index, self) for index, row in enumerate(self.value)]

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
        known = _KNOWN.get(self.value)
        if known is not None:
            return known
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
        found = next((word for word in words if word == self.value), None)
        if found is None:
            self.wrong("one of " + ", ".join(words))
        return found

    def _inner(self, key: str, value: object) -> "Node":
        return Node(value, key, self)
