"""The stored form of an answer: plain JSON, one way to write each answer.

`canonical_value` is what every save, import and pack check goes through. What it gives, it takes
again unchanged.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from riskapp.catalogue.errors import AnswerRefused
from riskapp.catalogue.model import (
    Choice,
    Column,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Option,
    Question,
    Table,
    Text,
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.specs import TOP_LEVEL
from riskapp.core.countries import is_country

Value = str | int | list[str] | list[dict[str, str]]
"""An answer as it is stored: which of these is decided by the question's type."""

VALUE = "value"
NOTHING = "nothing-to-list"
"""The names of a question's form fields."""

_NUMBER = re.compile(r"(-?)([0-9]{1,15})(?:[.,]([0-9]{1,15}))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_ECHO = 40
_OTHER_CODES = {"UK": "GB", "EL": "GR", "XI": "GB"}


def canonical_value(question: Question, raw: object) -> Value:
    """The canonical form of a JSON value given as an answer.

    Raises AnswerRefused where it is no answer to this question.
    """
    value: Value
    match question.answer:
        case YesNo() | YesPartlyNo() | Choice():
            value = _one_of(question, raw, question.choices)
        case Multiple(options=options):
            value = _several(question, raw, options)
        case Maturity():
            value = _level(question, raw)
        case Number() as spec:
            value = _number(question, raw, spec)
        case Date() as spec:
            value = _day(question, raw, spec)
        case Text() as spec:
            lines = "\n" if spec.multiline else ""
            value = _text(question, raw, spec.max_length, VALUE, "your answer", lines)
        case Countries() as spec:
            value = _countries(question, raw, spec)
        case Table():
            rows = _list(question, raw, "rows")
            value = canonical_rows(question, list(enumerate(rows, start=1)))
    return value


def refuse(question: Question, problem: str, field: str = VALUE) -> NoReturn:
    raise AnswerRefused(question.id, field, problem)


def shown(raw: object) -> str:
    """What was given, short enough to stand in a sentence."""
    text = str(raw)
    return f"“{text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + '…'}”"


def _list(question: Question, raw: object, what: str) -> list[Any]:
    if not isinstance(raw, list):
        refuse(question, f"{shown(raw)} is no list; give a list of {what}.")
    return raw


def _one_of(question: Question, raw: object, known: Sequence[str]) -> str:
    if not isinstance(raw, str) or raw not in known:
        refuse(question, f"{shown(raw)} is no answer here; choose one of: {', '.join(known)}.")
    return raw


def _several(question: Question, raw: object, options: Iterable[Option]) -> list[str]:
    given = _list(question, raw, "answers")
    known = [option.id for option in options]
    for one in given:
        _one_of(question, one, known)
    return [one for one in known if one in given]


def _level(question: Question, raw: object) -> int:
    if type(raw) is not int or not 0 <= raw <= TOP_LEVEL:
        refuse(question, f"{shown(raw)} is no level; choose one from 0 to {TOP_LEVEL}.")
    return raw


def _number(question: Question, raw: object, spec: Number) -> str:
    text = str(raw) if type(raw) is int else raw
    written = _NUMBER.fullmatch(text.strip()) if isinstance(text, str) else None
    if written is None:
        refuse(question, f"{shown(raw)} is no number; {_range(spec)}.")
    sign, whole, part = written.groups(default="")
    if len(part) > spec.decimals:
        places = f"at most {spec.decimals} decimal places" if spec.decimals else "a whole number"
        refuse(question, f"{shown(raw)} is not {places}; {_range(spec)}, and no separators.")
    value = Decimal(f"{sign}{whole}.{part or 0}")
    if value < spec.min or (spec.max is not None and value > spec.max):
        refuse(question, f"{shown(raw)} is out of range; {_range(spec)}.")
    return f"{value.normalize():f}" if value else "0"


def _range(spec: Number) -> str:
    kind = "a number such as 2.5" if spec.decimals else "a whole number"
    limits = f"from {spec.min} to {spec.max}" if spec.max is not None else f"of {spec.min} or more"
    return f"enter {kind} {limits}" + (f" ({spec.unit})" if spec.unit else "")


def _day(question: Question, raw: object, spec: Date) -> str:
    day = _checked_day(question, raw, VALUE, "")
    if spec.after is not None and day < spec.after:
        refuse(question, f"{day} is too early; enter a day from {spec.after} on.")
    if spec.before is not None and day > spec.before:
        refuse(question, f"{day} is too late; enter a day up to {spec.before}.")
    return day.isoformat()


def _checked_day(question: Question, raw: object, field: str, label: str) -> date:
    if isinstance(raw, str) and _DAY.fullmatch(raw.strip()):
        try:
            return date.fromisoformat(raw.strip())
        except ValueError:
            problem = f"{label}{shown(raw)} is no day of the calendar; enter one that exists"
    else:
        problem = f"{label}{shown(raw)} is no date"
    refuse(question, f"{problem}, as year-month-day: 2026-03-31.", field)


def _text(
    question: Question, raw: object, longest: int, field: str, what: str, allowed: str
) -> str:
    if not isinstance(raw, str):
        refuse(question, f"{shown(raw)} is no text; write {what} in words.", field)
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        refuse(question, f"There is nothing in {what}; write something or leave it out.", field)
    if len(text) > longest:
        excess = len(text) - longest
        problem = f"This is {excess} characters too long; shorten {what} to {longest} characters."
        refuse(question, problem, field)
    strange = next((one for one in text if _unprintable(one) and one not in allowed), None)
    if strange == "\n":
        refuse(question, f"There is a line break in {what}; write it on one line.", field)
    if strange is not None:
        problem = f"There is an invisible character (code {ord(strange)}) in {what}; type it anew."
        refuse(question, problem, field)
    return text


def _unprintable(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in {"Cc", "Cs"}


def _countries(question: Question, raw: object, spec: Countries) -> list[str]:
    given = _list(question, raw, "country codes")
    codes = sorted({_country(question, one, VALUE, "") for one in given})
    if len(codes) < spec.min:
        at_least = "a country" if spec.min == 1 else f"at least {spec.min} countries"
        refuse(question, f"Too few countries are named; choose {at_least}.")
    return codes


def _country(question: Question, raw: object, field: str, label: str) -> str:
    if not isinstance(raw, str) or not is_country(raw):
        problem = f"{label}{shown(raw)} is no country; choose one from the list"
        other = _OTHER_CODES.get(raw) if isinstance(raw, str) else None
        refuse(question, f"{problem} ({other} is meant?)." if other else f"{problem}.", field)
    return raw


def canonical_rows(question: Question, rows: Sequence[tuple[int, object]]) -> list[dict[str, str]]:
    """A table's rows, each with the number that the person sees, in canonical form.

    Raises AnswerRefused with the field "row-<number>-<column id>", or "value" for the table as a
    whole.
    """
    spec = question.answer
    if not isinstance(spec, Table):
        raise TypeError(f"{question.id} is no table")
    if not rows and spec.empty_words is None:
        refuse(question, f"Nothing is listed; give at least {_rows(spec.min_rows)}.")
    if rows and len(rows) < spec.min_rows:
        refuse(question, f"Too little is listed; give at least {_rows(spec.min_rows)}.")
    if len(rows) > spec.max_rows:
        problem = f"This is too much; list at most {_rows(spec.max_rows)} and attach the rest."
        refuse(question, problem)
    return [_row(question, spec, number, row) for number, row in rows]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _row(question: Question, spec: Table, number: int, raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        refuse(question, f"Row {number} is no row; name its columns and their values.")
    known = [column.id for column in spec.columns]
    for name in raw:
        if name not in known:
            problem = f"Row {number} has no column {shown(name)}; use {', '.join(known)}."
            refuse(question, problem)
    row: dict[str, str] = {}
    for column in spec.columns:
        if column.id in raw:
            row[column.id] = _cell(question, column, number, raw[column.id])
        elif column.required:
            problem = (
                f"Row {number}, {column.title}: nothing is given; fill it in, or empty the row."
            )
            refuse(question, problem, f"row-{number}-{column.id}")
    if not row:
        refuse(question, f"Row {number} is empty; fill it in or leave it out.")
    return row


def _cell(question: Question, column: Column, number: int, raw: object) -> str:
    field, label = f"row-{number}-{column.id}", f"Row {number}, {column.title}: "
    if column.type == "country":
        return _country(question, raw, field, label)
    if column.type == "date":
        return _checked_day(question, raw, field, label).isoformat()
    if column.type == "choice":
        known = [option.id for option in column.options]
        if raw not in known:
            problem = f"{label}{shown(raw)} is no choice; choose one of: {', '.join(known)}."
            refuse(question, problem, field)
        return str(raw)
    return _text(question, raw, column.max_length, field, f"row {number}, {column.title}", "")
