"""Answers that stand for all others when a condition is tried out."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice, product

from riskapp.catalogue.model import (
    Column,
    Countries,
    Maturity,
    Multiple,
    Number,
    Question,
    QuestionTest,
    Table,
)
from riskapp.catalogue.specs import TOP_LEVEL

MOST_ROWS = 500
"""Rows tried of a table with many choices; a table that decides about questions has few."""


def samples(question: Question, looked_for: Iterable[QuestionTest]) -> list[object]:
    """Canonical answers to a question, at least one for each way in which tests can turn out.

    `looked_for` are the tests; those of other questions do not matter.
    """
    wanted = [test for test in looked_for if test.question == question.id]
    found: list[object] = list(question.choices)
    match question.answer:
        case Maturity():
            found = list(range(TOP_LEVEL + 1))
        case Number() as spec:
            found = [f"{value}" for value in sorted(_numbers(spec, wanted))]
        case Multiple(options=options):
            every = [option.id for option in options]
            rests = [[other for other in every if other != one] for one in every]
            found = [[], every, *([one] for one in every), *rests]
        case Countries():
            found = [[], sorted(_values(wanted)), ["AQ"]]
        case Table() as spec:
            found = [[], *([row] for row in _rows(spec, wanted))]
    return found


def fullest(question: Question, looked_for: Iterable[QuestionTest]) -> list[object]:
    """As `samples`, but of answers that are lists only the one that passes every test."""
    wanted = [test for test in looked_for if test.question == question.id]
    match question.answer:
        case Multiple(options=options):
            return [[option.id for option in options]]
        case Countries():
            return [sorted(_values(wanted))]
        case Table():
            return [[{str(test.column): value} for test in wanted for value in _values([test])]]
    return samples(question, wanted)


def _values(wanted: Iterable[QuestionTest]) -> set[str]:
    return {value for test in wanted for value in (*test.equals, *test.includes)}


def _numbers(spec: Number, wanted: Iterable[QuestionTest]) -> set[Decimal]:
    """Every edge where a band or a test turns, and the numbers beside it."""
    edges = [spec.min, *([] if spec.max is None else [spec.max])]
    for band in spec.bands:
        edges += [edge for edge in (band.at_most, band.at_least) if edge is not None]
    for test in wanted:
        edges += [Decimal(value) for value in (*test.equals, *filter(None, [test.at_least]))]
    step = Decimal(1).scaleb(-spec.decimals)
    near = {edge + shift for edge in edges for shift in (-step, Decimal(0), step)}
    return {one for one in near if one >= spec.min and (spec.max is None or one <= spec.max)}


def _rows(spec: Table, wanted: list[QuestionTest]) -> Iterator[dict[str, str]]:
    deciding = [
        column
        for column in spec.columns
        if column.scored or any(test.column == column.id for test in wanted)
    ]
    cells = [_cells(column, wanted) for column in deciding]
    for values in islice(product(*cells), MOST_ROWS):
        yield {column.id: value for column, value in zip(deciding, values, strict=True)}


def _cells(column: Column, wanted: list[QuestionTest]) -> list[str]:
    if column.type == "choice":
        return [option.id for option in column.options]
    return [*sorted(_values(test for test in wanted if test.column == column.id)), "AQ"]
