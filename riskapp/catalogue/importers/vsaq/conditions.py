"""VSAQ's `cond`: from “a && !b” to a formula over questions and answers.

As VSAQ does, && and || are read from left to right, whichever of them it is, and `!` belongs to
what stands next to it. `x/yes` and `x/no` are the answers to a yes/no item, `x/value` is its value,
`^x` says that an item is shown.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from riskapp.catalogue.importers.formulas import (
    ALWAYS,
    NEVER,
    Formula,
    Test,
    Unsayable,
    both,
    either,
)

LONGEST = 5_000
_DEEPEST = 30

_SIGN = re.compile(r'\s*+(&&|\|\||[!(),]|"(?:[^"\\]++|\\.)*+"|[^\s()!&|,"]++)')


@dataclass(frozen=True, slots=True)
class Name:
    said: str


@dataclass(frozen=True, slots=True)
class Not:
    part: "Expression"


@dataclass(frozen=True, slots=True)
class Join:
    """`sign` is && or ||; the left side is read first."""

    sign: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A function such as contains(…): what it is given does not matter here."""

    name: str


Expression = Name | Not | Join | Call


class Invalid(ValueError):  # noqa: N818 - the word for such a condition
    """A condition that VSAQ itself could not read."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`mixed`: && and || stand beside one another without brackets."""

    expression: Expression | None
    mixed: bool


def parse(condition: str) -> Parsed:
    """The expression in a condition; None where it is empty. Raises Invalid."""
    if len(condition) > LONGEST:
        raise Invalid
    parser = _Parser(_signs(condition))
    if not parser.signs:
        return Parsed(None, mixed=False)
    expression = parser.joined(0)
    if parser.signs:
        raise Invalid
    return Parsed(expression, parser.mixed)


def _signs(condition: str) -> list[str]:
    found: list[str] = []
    at, end = 0, len(condition.rstrip())
    while at < end:
        sign = _SIGN.match(condition, at)
        if sign is None:
            raise Invalid
        found.append(sign[1])
        at = sign.end()
    return found[::-1]  # the next sign is the last, which is cheap to take


class _Parser:
    def __init__(self, signs: list[str]) -> None:
        self.signs = signs
        self.mixed = False

    def joined(self, depth: int) -> Expression:
        left = self._single(depth)
        used = set()
        while self.signs and self.signs[-1] in {"&&", "||"}:
            sign = self.signs.pop()
            used.add(sign)
            left = Join(sign, left, self._single(depth))
        self.mixed = self.mixed or len(used) > 1
        return left

    def _single(self, depth: int) -> Expression:
        if not self.signs or depth > _DEEPEST:
            raise Invalid
        sign = self.signs.pop()
        if sign == "!":
            return Not(self._single(depth + 1))
        if sign == "(":
            inner = self.joined(depth + 1)
            self._closed()
            return inner
        if sign in {")", ",", "&&", "||"} or sign.startswith('"'):
            raise Invalid
        if self.signs and self.signs[-1] == "(":
            self._arguments()
            return Call(sign)
        return Name(sign)

    def _closed(self) -> None:
        if not self.signs or self.signs.pop() != ")":
            raise Invalid

    def _arguments(self) -> None:
        depth = 0
        while self.signs:
            sign = self.signs.pop()
            depth += (sign == "(") - (sign == ")")
            if not depth:
                return
        raise Invalid


@dataclass(frozen=True, slots=True)
class Target:
    """What an id stands for: an item that is asked, one of its answers, or something else.

    `question` is the key of the item and `answers` are those that the id alone stands for;
    `by_word` are those behind /yes and /no. `shown` gives the formula for `^id`.
    """

    kind: str
    question: str | None = None
    answers: frozenset[str] = frozenset()
    every: frozenset[str] = frozenset()
    several: bool = False
    by_word: Mapping[str, frozenset[str]] | None = None
    shown: Callable[[], Formula] | None = None


def formula(expression: Expression | None, targets: Mapping[str, Target]) -> Formula:
    """What an expression says about questions."""
    return ALWAYS if expression is None else _Meaning(targets).of(expression, positive=True)


def names(expression: Expression | None) -> frozenset[str]:
    """The ids that an expression names, without signs before and behind them."""
    if isinstance(expression, Name):
        return frozenset({bare_id(expression.said)})
    if isinstance(expression, Not):
        return names(expression.part)
    if isinstance(expression, Join):
        return names(expression.left) | names(expression.right)
    return frozenset()


def bare_id(said: str) -> str:
    return re.sub(r"/(yes|no|value)$", "", said.removeprefix("^"))


@dataclass(frozen=True, slots=True)
class _Meaning:
    targets: Mapping[str, Target]

    def of(self, expression: Expression, *, positive: bool) -> Formula:
        if isinstance(expression, Not):
            return self.of(expression.part, positive=not positive)
        if isinstance(expression, Join):
            parts = self._parts(expression, positive=positive)
            return both(*parts) if (expression.sign == "&&") == positive else either(*parts)
        if isinstance(expression, Call):
            return Unsayable(f"looks into typed words ({expression.name})")
        return self._name(expression.said, positive=positive)

    def _parts(self, expression: Join, *, positive: bool) -> list[Formula]:
        """The parts of a row of the same signs, which may be long, without recursion."""
        parts: list[Formula] = []
        left: Expression = expression
        while isinstance(left, Join) and left.sign == expression.sign:
            parts.append(self.of(left.right, positive=positive))
            left = left.left
        return [self.of(left, positive=positive), *reversed(parts)]

    def _name(self, said: str, *, positive: bool) -> Formula:
        if said in {"true", "false"}:
            return ALWAYS if (said == "true") == positive else NEVER
        bare = bare_id(said)
        target = self.targets.get(bare)
        if target is None:
            return Unsayable(f"names “{bare}”, which the file does not have")
        if said.startswith("^"):
            return self._shown(target, positive=positive)
        if target.question is None:
            return Unsayable(f"names “{bare}”, a {target.kind} that has no answer")
        return self._answered(target, said.removeprefix(bare).lstrip("/"), positive=positive)

    def _answered(self, target: Target, word: str, *, positive: bool) -> Formula:
        """`word` is yes, no, value or nothing."""
        answers = target.answers if target.by_word is None else target.by_word[word or "yes"]
        key = str(target.question)
        if positive:
            return Test(key, answers)
        if target.several:
            return Unsayable("asks for what is not ticked", key, answers)
        return Test(key, target.every - answers, negated=True)

    def _shown(self, target: Target, *, positive: bool) -> Formula:
        if not positive or target.shown is None:
            return Unsayable("asks whether another item is not shown")
        return target.shown()
