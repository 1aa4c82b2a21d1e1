"""Conditions of foreign formats, before it is known how much of them riskapp can say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Test:
    """Holds where the answer to a question, named by its key, is or includes one of `answers`.

    `negated` marks what was “not …” in the source: that also held where the question was not asked.
    """

    question: str
    answers: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Unsayable:
    """What riskapp's format has no words for; `why` goes on after “as far as it”.

    Where that is that `answers` to a `question` are not ticked, they are named.
    """

    why: str
    question: str = ""
    answers: frozenset[str] = frozenset()


Formula = Test | All | Any | Unsayable

ALWAYS = All(())
NEVER = Any(())


def both(*parts: Formula) -> Formula:
    """Holds where all parts hold."""
    found: dict[Formula, None] = {}
    for part in parts:
        if part == NEVER:
            return NEVER
        found.update(dict.fromkeys(part.parts if isinstance(part, All) else (part,)))
    return next(iter(found)) if len(found) == 1 else All(tuple(found))


def either(*parts: Formula) -> Formula:
    """Holds where one part holds; tests of the same question become one."""
    found: dict[Formula, None] = {}
    for part in parts:
        if part == ALWAYS:
            return ALWAYS
        found.update(dict.fromkeys(part.parts if isinstance(part, Any) else (part,)))
    merged = tuple(_merged(found))
    return merged[0] if len(merged) == 1 else Any(merged)


def _merged(parts: Iterable[Formula]) -> Iterator[Formula]:
    tests: dict[str, Test] = {}
    others: list[Formula] = []
    for part in parts:
        if not isinstance(part, Test):
            others.append(part)
            continue
        known = tests.get(part.question, part)
        negated = known.negated or part.negated
        tests[part.question] = Test(part.question, known.answers | part.answers, negated)
    yield from tests.values()
    yield from others


def conjuncts(formula: Formula) -> tuple[Formula, ...]:
    """The parts that all have to hold."""
    return formula.parts if isinstance(formula, All) else (formula,)


def tests(formula: Formula) -> Iterator[Test]:
    if isinstance(formula, Test):
        yield formula
    elif isinstance(formula, All | Any):
        for part in formula.parts:
            yield from tests(part)


def unsaid(formula: Formula) -> Iterator[Unsayable]:
    if isinstance(formula, Unsayable):
        yield formula
    elif isinstance(formula, All | Any):
        for part in formula.parts:
            yield from unsaid(part)


def named(formula: Formula) -> frozenset[str]:
    """The keys of the questions that a formula looks at."""
    return frozenset(test.question for test in tests(formula))


def weakened(formula: Formula) -> tuple[Formula, list[str]]:
    """What can be said of a formula, and why the rest cannot.

    The result holds at least wherever the formula does, so that a question is rather asked too
    often than too seldom.
    """
    if isinstance(formula, Unsayable):
        return ALWAYS, [formula.why]
    if isinstance(formula, Test):
        return formula, []
    pairs = [weakened(part) for part in formula.parts]
    reasons = [reason for _, found in pairs for reason in found]
    parts = [part for part, _ in pairs]
    return (both(*parts) if isinstance(formula, All) else either(*parts)), reasons
