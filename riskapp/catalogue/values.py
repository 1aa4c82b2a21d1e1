"""The stored form of an answer: plain JSON, one way to write each answer.

`canonical_value` is what every save, import and pack check goes through. What it gives, it takes
again unchanged.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from riskapp.core.sentences import Sentence, counted

Value = str | int | list[str] | list[dict[str, str]]
"""An answer as it is stored: which of these is decided by the question's type."""

VALUE = "value"
NOTHING = "nothing-to-list"
"""The names of a question's form fields."""

YES_OR_NO = {"yes": Sentence("Yes"), "partly": Sentence("Partly"), "no": Sentence("No")}

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
            what = Sentence("your answer")
            value = _text(question, raw, spec.max_length, VALUE, what, lines)
        case Countries() as spec:
            value = _countries(question, raw, spec)
        case Table():
            rows = _list(question, raw, Sentence("rows"))
            value = canonical_rows(question, list(enumerate(rows, start=1)))
    return value


def refuse(question: Question, problem: Sentence, field: str = VALUE) -> NoReturn:
    raise AnswerRefused(question.id, field, problem)


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of a table, as its refusals name it."""

    column: Column
    row: int

    @property
    def field(self) -> str:
        return f"row-{self.row}-{self.column.id}"


def _refuse_in(question: Question, problem: Sentence, cell: _Cell | None) -> NoReturn:
    """Refuses an answer, or what stands in a cell of it."""
    if cell is None:
        refuse(question, problem)
    placed = Sentence("Row {row}, {column}: {problem}")
    refuse(question, placed.of(row=cell.row, column=cell.column.title, problem=problem), cell.field)


def shown(raw: object) -> str:
    """What was given, short enough to stand in a sentence."""
    text = str(raw)
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"


def _list(question: Question, raw: object, what: Sentence) -> list[Any]:
    if not isinstance(raw, list):
        problem = Sentence("“{given}” is no list; give a list of {what}.")
        refuse(question, problem.of(given=shown(raw), what=what))
    return raw


def _one_of(question: Question, raw: object, known: Sequence[str]) -> str:
    if not isinstance(raw, str) or raw not in known:
        problem = Sentence("“{given}” is no answer here; choose one of: {names}.")
        refuse(question, problem.of(given=shown(raw), names=", ".join(known)))
    return raw


def _several(question: Question, raw: object, options: Iterable[Option]) -> list[str]:
    given = _list(question, raw, Sentence("answers"))
    known = [option.id for option in options]
    for one in given:
        _one_of(question, one, known)
    return [one for one in known if one in given]


def _level(question: Question, raw: object) -> int:
    if type(raw) is not int or not 0 <= raw <= TOP_LEVEL:
        problem = Sentence("“{given}” is no level; choose one from 0 to {top}.")
        refuse(question, problem.of(given=shown(raw), top=TOP_LEVEL))
    return raw


def _number(question: Question, raw: object, spec: Number) -> str:
    text, given = str(raw) if type(raw) is int else raw, shown(raw)
    written = _NUMBER.fullmatch(text.strip()) if isinstance(text, str) else None
    if written is None:
        problem = Sentence("“{given}” is no number; enter {range}.")
        refuse(question, problem.of(given=given, range=_range(spec)))
    sign, whole, part = written.groups(default="")
    if len(part) > spec.decimals:
        refuse(question, _too_fine(given, spec))
    value = Decimal(f"{sign}{whole}.{part or 0}")
    if value < spec.min or (spec.max is not None and value > spec.max):
        problem = Sentence("“{given}” is out of range; enter {range}.")
        refuse(question, problem.of(given=given, range=_range(spec)))
    return f"{value.normalize():f}" if value else "0"


def _too_fine(given: str, spec: Number) -> Sentence:
    if not spec.decimals:
        pattern = Sentence("“{given}” is not a whole number; enter {range}, and no separators.")
        return pattern.of(given=given, range=_range(spec))
    return counted(
        "“{given}” has not at most 1 decimal place; enter {range}, and no separators.",
        "“{given}” has not at most {count} decimal places; enter {range}, and no separators.",
        spec.decimals,
        given=given,
        range=_range(spec),
    )


def _range(spec: Number) -> Sentence:
    """What is taken, to go on after "enter"."""
    if spec.decimals:
        between = Sentence("a number such as 2.5 from {least} to {most}")
        above = Sentence("a number such as 2.5 of {least} or more")
    else:
        between = Sentence("a whole number from {least} to {most}")
        above = Sentence("a whole number of {least} or more")
    open_ended = spec.max is None
    limits = above.of(least=spec.min) if open_ended else between.of(least=spec.min, most=spec.max)
    return Sentence("{range} ({unit})", range=limits, unit=spec.unit) if spec.unit else limits


def _day(question: Question, raw: object, spec: Date) -> str:
    day = _checked_day(question, raw)
    if spec.after is not None and day < spec.after:
        early = Sentence("{day} is too early; enter a day from {first} on.")
        refuse(question, early.of(day=day, first=spec.after))
    if spec.before is not None and day > spec.before:
        late = Sentence("{day} is too late; enter a day up to {last}.")
        refuse(question, late.of(day=day, last=spec.before))
    return day.isoformat()


def _checked_day(question: Question, raw: object, cell: _Cell | None = None) -> date:
    problem = Sentence("“{given}” is no date, as year-month-day: 2026-03-31.")
    if isinstance(raw, str) and _DAY.fullmatch(raw.strip()):
        try:
            return date.fromisoformat(raw.strip())
        except ValueError:
            problem = Sentence(
                "“{given}” is no day of the calendar; enter one that exists, as year-month-day: "
                "2026-03-31."
            )
    _refuse_in(question, problem.of(given=shown(raw)), cell)


def _text(
    question: Question, raw: object, longest: int, field: str, what: Sentence, allowed: str
) -> str:
    if not isinstance(raw, str):
        problem = Sentence("“{given}” is no text; write {what} in words.")
        refuse(question, problem.of(given=shown(raw), what=what), field)
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        problem = Sentence("There is nothing in {what}; write something or leave it out.")
        refuse(question, problem.of(what=what), field)
    if len(text) > longest:
        refuse(question, _too_long(len(text) - longest, what, longest), field)
    strange = next((one for one in text if _unprintable(one) and one not in allowed), None)
    if strange == "\n":
        problem = Sentence("There is a line break in {what}; write it on one line.")
        refuse(question, problem.of(what=what), field)
    if strange is not None:
        problem = Sentence("There is an invisible character (code {code}) in {what}; type it anew.")
        refuse(question, problem.of(code=ord(strange), what=what), field)
    return text


def _too_long(excess: int, what: Sentence, longest: int) -> Sentence:
    return counted(
        "This is one character too long; shorten {what} to {longest} characters.",
        "This is {count} characters too long; shorten {what} to {longest} characters.",
        excess,
        what=what,
        longest=longest,
    )


def _unprintable(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in {"Cc", "Cs"}


def _countries(question: Question, raw: object, spec: Countries) -> list[str]:
    given = _list(question, raw, Sentence("country codes"))
    codes = sorted({_country(question, one) for one in given})
    if len(codes) < spec.min:
        few = counted(
            "Too few countries are named; choose a country.",
            "Too few countries are named; choose at least {count} countries.",
            spec.min,
        )
        refuse(question, few)
    return codes


def _country(question: Question, raw: object, cell: _Cell | None = None) -> str:
    if not isinstance(raw, str) or not is_country(raw):
        problem = Sentence("“{given}” is no country; choose one from the list.")
        other = _OTHER_CODES.get(raw) if isinstance(raw, str) else None
        if other:
            problem = Sentence(
                "“{given}” is no country; choose one from the list ({other} is meant?)."
            )
        _refuse_in(question, problem.of(given=shown(raw), other=other), cell)
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
        nothing = Sentence("Nothing is listed; give at least {rows}.")
        refuse(question, nothing.of(rows=_rows(spec.min_rows)))
    if rows and len(rows) < spec.min_rows:
        little = Sentence("Too little is listed; give at least {rows}.")
        refuse(question, little.of(rows=_rows(spec.min_rows)))
    if len(rows) > spec.max_rows:
        much = Sentence("This is too much; list at most {rows} and attach the rest.")
        refuse(question, much.of(rows=_rows(spec.max_rows)))
    return [_row(question, spec, number, row) for number, row in rows]


def _rows(count: int) -> Sentence:
    return counted("1 row", "{count} rows", count)


def _row(question: Question, spec: Table, number: int, raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        problem = Sentence("Row {row} is no row; name its columns and their values.")
        refuse(question, problem.of(row=number))
    known = [column.id for column in spec.columns]
    for name in raw:
        if name not in known:
            problem = Sentence("Row {row} has no column “{given}”; use {names}.")
            refuse(question, problem.of(row=number, given=shown(name), names=", ".join(known)))
    row: dict[str, str] = {}
    for column in spec.columns:
        if column.id in raw:
            row[column.id] = _cell(question, _Cell(column, number), raw[column.id])
        elif column.required:
            missing = Sentence("nothing is given; fill it in, or empty the row.")
            _refuse_in(question, missing, _Cell(column, number))
    if not row:
        problem = Sentence("Row {row} is empty; fill it in or leave it out.")
        refuse(question, problem.of(row=number))
    return row


def _cell(question: Question, cell: _Cell, raw: object) -> str:
    column = cell.column
    if column.type == "country":
        return _country(question, raw, cell)
    if column.type == "date":
        return _checked_day(question, raw, cell).isoformat()
    if column.type == "choice":
        known = [option.id for option in column.options]
        if raw not in known:
            problem = Sentence("“{given}” is no choice; choose one of: {names}.")
            _refuse_in(question, problem.of(given=shown(raw), names=", ".join(known)), cell)
        return str(raw)
    what = Sentence("row {row}, {column}", row=cell.row, column=column.title)
    return _text(question, raw, column.max_length, cell.field, what, "")
