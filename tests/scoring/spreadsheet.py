"""A sheet of cells with formulas, as far as docs/scoring.md needs one; exact where Calc is not.

It imports nothing of the application. Numbers are Fractions, days are numbers of days, an empty
cell is None: 0 where it is added, "" where it is compared with a text.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

Value = Any
TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|"(?P<text>[^"]*)"|(?P<name>[A-Z]+)(?=\()
    |(?P<cell>\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)|(?P<sign><>|<=|>=|[-+*/=<>(),]))""",
    re.VERBOSE,
)
PLACE = re.compile(r"\$?([A-Z]+)\$?(\d+)")


def amount(value: Value) -> Fraction:
    if value in (None, ""):
        return Fraction(0)
    assert isinstance(value, Fraction), value
    return value


def flat(values: list[Value]) -> list[Value]:
    found: list[Value] = []
    for one in values:
        found += flat(one) if isinstance(one, list) else [one]
    return found


def numbers(values: list[Value]) -> list[Fraction]:
    return [one for one in flat(values) if isinstance(one, Fraction)]


def rounded(value: Fraction, digits: Fraction, way: Callable[[Fraction], int]) -> Fraction:
    scale = 10 ** int(digits)
    return Fraction(way(value * scale), scale)


def sum_where(values: list[Value], *tests: list[Value] | Value) -> Fraction:
    columns, wanted = tests[::2], tests[1::2]
    return sum(
        (
            amount(value)
            for at, value in enumerate(values)
            if all(column[at] == one for column, one in zip(columns, wanted, strict=True))
        ),
        Fraction(0),
    )


def sum_product(one: list[Value], other: list[Value]) -> Fraction:
    pairs = zip(one, other, strict=True)
    return sum((amount(first) * amount(second) for first, second in pairs), Fraction(0))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "ABS": lambda value: abs(amount(value)),
    "AND": lambda *values: all(values),
    "COUNT": lambda *values: Fraction(len(numbers(list(values)))),
    "COUNTA": lambda *values: Fraction(sum(one is not None for one in flat(list(values)))),
    "MAX": lambda *values: max(numbers(list(values)), default=Fraction(0)),
    "MIN": lambda *values: min(numbers(list(values)), default=Fraction(0)),
    "OR": lambda *values: any(values),
    "ROUND": lambda value, digits: rounded(
        amount(value), digits, lambda scaled: math.floor(scaled + Fraction(1, 2))
    ),
    "ROUNDDOWN": lambda value, digits: rounded(amount(value), digits, math.trunc),
    "SUM": lambda *values: sum(numbers(list(values)), Fraction(0)),
    "SUMIFS": sum_where,
    "SUMPRODUCT": sum_product,
}


class Sheet:
    """Cells by their names; what begins with = is worked out when it is asked for, once.

    What begins with an apostrophe stays text, as in a real one, even where it reads as a day.
    """

    def __init__(self) -> None:
        self.cells: dict[str, str] = {}
        self.known: dict[str, Value] = {}

    def write(self, cell: str, text: str) -> None:
        """Into a cell, over what is there; everything is worked out anew."""
        self.cells[cell] = text
        self.known.clear()

    def copy_down(self, cell: str, formula: str, rows: int) -> None:
        """As a person does it: rows without a $ before them count on."""
        letters, first = PLACE.fullmatch(cell).groups()  # type: ignore[union-attr]
        for ahead in range(rows):

            def moved(found: re.Match[str], ahead: int = ahead) -> str:
                return f"{found[1]}{int(found[2]) + ahead}"

            text = re.sub(r"(?<![A-Z$\"])(\$?[A-Z]{1,2})(\d+)\b", moved, formula)
            self.write(f"{letters}{int(first) + ahead}", text)

    def __getitem__(self, cell: str) -> Value:
        if cell not in self.known:
            self.known[cell] = self._value(self.cells.get(cell, ""))
        return self.known[cell]

    def _value(self, text: str) -> Value:
        if text.startswith("="):
            return Formula(self, text[1:]).value()
        if text.startswith("'"):
            return text[1:]
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return Fraction(dt.date.fromisoformat(text).toordinal())
        if re.fullmatch(r"-?\d+(\.\d+)?", text):
            return Fraction(text)
        return text or None

    def range(self, first: str, last: str) -> list[Value]:
        (left, top), (right, bottom) = (
            PLACE.fullmatch(one).groups()  # type: ignore[union-attr]
            for one in (first, last)
        )
        columns = [chr(code) for code in range(ord(left), ord(right) + 1)]
        rows = range(int(top), int(bottom) + 1)
        return [self[f"{column}{row}"] for column in columns for row in rows]


class Formula:
    """One formula: comparisons over sums over products over values."""

    def __init__(self, sheet: Sheet, text: str) -> None:
        self.sheet, self.tokens = sheet, list(self._tokens(text))

    @staticmethod
    def _tokens(text: str) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            assert found is not None, text[at:]
            at = found.end()
            kind = found.lastgroup or ""
            yield kind, found[kind]

    def value(self) -> Value:
        found = self._comparison()
        assert not self.tokens, self.tokens
        return found

    def _next_is(self, *signs: str) -> bool:
        return bool(self.tokens) and self.tokens[0][0] == "sign" and self.tokens[0][1] in signs

    def _comparison(self) -> Value:
        left = self._sum()
        if not self._next_is("=", "<>", "<", "<=", ">", ">="):
            return left
        sign, right = self.tokens.pop(0)[1], self._sum()
        if sign in ("=", "<>"):
            return _same(left, right) == (sign == "=")
        one, other = _ranked(left), _ranked(right)
        return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]

    def _sum(self) -> Value:
        found = self._product()
        while self._next_is("+", "-"):
            sign, more = self.tokens.pop(0)[1], self._product()
            found = amount(found) + amount(more) * (1 if sign == "+" else -1)
        return found

    def _product(self) -> Value:
        found = self._single()
        while self._next_is("*", "/"):
            sign, more = self.tokens.pop(0)[1], amount(self._single())
            found = amount(found) * more if sign == "*" else amount(found) / more
        return found

    def _single(self) -> Value:
        kind, text = self.tokens.pop(0)
        if kind == "number":
            return Fraction(text)
        if kind == "text":
            return text
        if kind == "cell":
            first, _, last = text.replace("$", "").partition(":")
            return self.sheet.range(first, last) if last else self.sheet[first]
        if kind == "name":
            return self._call(text)
        assert text == "(", text
        found = self._comparison()
        assert self.tokens.pop(0)[1] == ")"
        return found

    def _call(self, name: str) -> Value:
        self.tokens.pop(0)
        if name == "IF":
            return self._if()
        arguments = [self._comparison()]
        while self._next_is(","):
            self.tokens.pop(0)
            arguments.append(self._comparison())
        assert self.tokens.pop(0)[1] == ")"
        return FUNCTIONS[name](*arguments)

    def _if(self) -> Value:
        """Works out the branch that is taken alone, so that the other may divide by 0."""
        test = self._comparison()
        branches = []
        for _ in range(2):
            assert self.tokens.pop(0)[1] == ","
            branches.append(self._skipped())
        assert self.tokens.pop(0)[1] == ")"
        taken = Formula(self.sheet, "")
        taken.tokens = branches[0 if test else 1]
        return taken.value()

    def _skipped(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        depth = 0
        while depth or not self._next_is(",", ")"):
            depth += {"(": 1, ")": -1}.get(self.tokens[0][1], 0) if self._next_is("(", ")") else 0
            found.append(self.tokens.pop(0))
        return found


def _ranked(value: Value) -> tuple[bool, Value]:
    """Any text lies above every number, without an error."""
    return (True, value) if isinstance(value, str) and value else (False, amount(value))


def _same(one: Value, other: Value) -> bool:
    """An empty cell is the empty text; 0 is not."""
    return bool(("" if one is None else one) == ("" if other is None else other))
