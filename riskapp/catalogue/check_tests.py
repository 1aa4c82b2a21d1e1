"""Whether one test of a condition names a fact or an answer that there is, and a value of it."""

from collections.abc import Collection
from difflib import get_close_matches

from riskapp.catalogue.model import (
    Choice,
    Column,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Question,
    Release,
    Table,
    Text,
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.scalars import is_decimal
from riskapp.catalogue.specs import TOP_LEVEL
from riskapp.catalogue.when import FACTS, LISTS, TIERS, FactTest, QuestionTest
from riskapp.core.countries import is_country

Trouble = tuple[str, str] | None
"""Problem and remedy, if there is one."""

LEVELS = tuple(str(level) for level in range(TOP_LEVEL + 1))


def fault_of(test: FactTest | QuestionTest, release: Release) -> Trouble:
    if isinstance(test, FactTest):
        return _fact(test)
    question = release.questions.get(test.question)
    if question is None:
        near = get_close_matches(test.question, release.questions, n=1)
        remedy = f"write {near[0]} if that is meant" if near else "correct the id"
        return f"names {test.question}, which is not in this release", remedy
    if test.column is not None and not isinstance(question.answer, Table):
        return f"names a column of {question.id}, which is no table", "take column: out"
    return _question(test, question)


def _fact(test: FactTest) -> Trouble:
    if test.fact not in FACTS:
        return f"names the fact {test.fact}, which is unknown", f"name one of {', '.join(FACTS)}"
    if test.at_least is not None:
        if test.fact != "inherent":
            return f"compares {test.fact}, which has no order", "use is: or includes:"
        return _known([test.at_least], TIERS)
    if test.fact in LISTS:
        return _uses(test, "includes") or _known(test.includes, FACTS[test.fact])
    return _uses(test, "is") or _known(test.equals, FACTS[test.fact])


def _question(test: QuestionTest, question: Question) -> Trouble:
    trouble: Trouble = None
    ordered = test.equals or [str(test.at_least)]
    match question.answer:
        case YesNo() | YesPartlyNo() | Choice():
            trouble = _uses(test, "is") or _known(test.equals, question.choices)
        case Multiple(options=options):
            known = [option.id for option in options]
            trouble = _uses(test, "includes") or _known(test.includes, known)
        case Maturity():
            trouble = _uses(test, "is", "at_least") or _known(ordered, LEVELS)
        case Number():
            trouble = _uses(test, "is", "at_least") or _numbers(ordered)
        case Countries():
            trouble = _uses(test, "includes") or _countries(test.includes)
        case Table(columns=columns):
            trouble = _cell(test, columns)
        case Date() | Text() as spec:
            trouble = f"compares {question.id}, a {spec.type}", "compare another answer"
    return trouble


def _cell(test: QuestionTest, columns: Collection[Column]) -> Trouble:
    column = next((column for column in columns if column.id == test.column), None)
    if column is None or column.type not in {"choice", "country"}:
        fit = ", ".join(one.id for one in columns if one.type in {"choice", "country"})
        return "names no column that can be compared", f"add column: {fit or 'of a choice'}"
    if column.type == "country":
        return _uses(test, "includes") or _countries(test.includes)
    return _uses(test, "includes") or _known(test.includes, [one.id for one in column.options])


def _uses(test: FactTest | QuestionTest, *allowed: str) -> Trouble:
    used = "is" if test.equals else "includes" if test.includes else "at_least"
    if used in allowed:
        return None
    return f"uses {used}:, which does not fit the answer", f"use {' or '.join(allowed)}:"


def _known(given: Collection[str], known: Collection[str]) -> Trouble:
    for value in given:
        if value not in known:
            return (
                f"looks for “{value}”, which is never answered",
                f"name one of {', '.join(known)}",
            )
    return None


def _numbers(given: Collection[str]) -> Trouble:
    for value in given:
        if not is_decimal(value):
            return f"looks for “{value}”, which is no number", "write a number such as 24"
    return None


def _countries(given: Collection[str]) -> Trouble:
    for value in given:
        if not is_country(value):
            return f"looks for “{value}”, which is no country", "write a code such as DE"
    return None
