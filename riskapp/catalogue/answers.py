"""Answers: taken from forms and JSON, worth a credit, said in words."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from riskapp.catalogue.errors import AnswerRefused
from riskapp.catalogue.forms import NONE_OF_THESE, read_form
from riskapp.catalogue.model import (
    UNKNOWN,
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
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.specs import HALF, TOP_LEVEL
from riskapp.catalogue.values import NOTHING, VALUE, Value, canonical_value
from riskapp.core import countries

__all__ = [
    "NONE_OF_THESE",
    "NOTHING",
    "VALUE",
    "AnswerRefused",
    "Value",
    "canonical_value",
    "credit",
    "in_words",
    "read_form",
    "rows_credit",
]

_SHARES = {"yes": Fraction(1), "partly": HALF, "no": Fraction(0)}
_WORDS = {"yes": "Yes", "partly": "Partly", "no": "No"}
NOT_ANSWERED = "Not answered"


def credit(question: Question, value: object) -> Fraction | None:
    """What a canonical answer is worth, 0 to 1.

    None where the question is not scored, where there is no answer, and where the transfer rules
    decide (`question.by_transfers`; see `rows_credit`).
    """
    if not question.scored or question.by_transfers or value is None:
        return None
    worth: Fraction | None = None
    match question.answer:
        case YesNo(good=good):
            worth = Fraction(value == good)
        case YesPartlyNo():
            worth = _SHARES.get(str(value))
        case Choice(options=options):
            worth = _option_credit(options, value)
        case Multiple(options=options):
            worth = Fraction(len(value) if isinstance(value, list) else 0, len(options))
        case Maturity():
            worth = Fraction(value, TOP_LEVEL) if isinstance(value, int) else None
        case Number() as spec:
            worth = _band(spec, Decimal(str(value)))
        case Table() as spec:
            worth = rows_credit(spec, value) if isinstance(value, list) else None
    return worth


def _option_credit(options: Iterable[Option], value: object) -> Fraction | None:
    return next((option.credit for option in options if option.id == value), None)


def _band(spec: Number, value: Decimal) -> Fraction:
    for band in spec.bands:
        below = band.at_most is None or value <= band.at_most
        above = band.at_least is None or value >= band.at_least
        if below and above:
            return band.worth
    return Fraction(0)


def rows_credit(table: Table, rows: Iterable[Mapping[str, str]]) -> Fraction:
    """The worst row's worst scored column; 1 where no column is scored or no row is there.

    Transfers are not looked at: where a table has scored columns and names countries too, the
    credit is the lesser of the two.
    """
    scored = [column for column in table.columns if column.scored]
    worths = [
        _option_credit(column.options, row.get(column.id)) or Fraction(0)
        for row in rows
        for column in scored
    ]
    return min(worths, default=Fraction(1))


def in_words(question: Question, value: object, locale: str = "en") -> str:
    """An answer as people read it; never raises, whatever `value` is.

    A table gives one line for each row. Countries are named in `locale`'s language.
    """
    if value is None:
        return NOT_ANSWERED
    words = str(value)
    match question.answer:
        case YesNo() | YesPartlyNo():
            words = _WORDS.get(words, words)
        case Choice(options=options):
            words = _option_words(options, value)
        case Multiple(options=options) if isinstance(value, list):
            words = "; ".join(_option_words(options, one) for one in value) or "None of these"
        case Maturity(levels=levels) if type(value) is int and 0 <= value <= TOP_LEVEL:
            words = f"Level {value} of {TOP_LEVEL}: {levels[value]}"
        case Number(unit=str(unit)):
            words = f"{value} {unit}"
        case Date() if isinstance(value, str):
            words = _day_words(value, locale)
        case Countries() if isinstance(value, list):
            words = ", ".join(_country_words(one, locale) for one in value) or "None"
        case Table() as spec if isinstance(value, list):
            rows = [_row_words(spec, row, locale) for row in value]
            words = "\n".join(rows) or spec.empty_words or NOT_ANSWERED
    return words


def _option_words(options: Iterable[Option], value: object) -> str:
    otherwise = "Not known" if value == UNKNOWN else str(value)
    return next((option.text for option in options if option.id == value), otherwise)


def _country_words(value: object, locale: str) -> str:
    code = str(value)
    return countries.name(code, locale) if countries.is_country(code) else code


def _day_words(value: object, locale: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - its import takes longer than most commands

    try:
        named = "en_GB" if locale == "en" else locale.replace("-", "_")  # 5 March, not March 5
        return format_date(date.fromisoformat(str(value)), "long", named)
    except ValueError:
        return str(value)


def _row_words(table: Table, row: object, locale: str) -> str:
    if not isinstance(row, dict):
        return str(row)
    cells = [(column, row[column.id]) for column in table.columns if column.id in row]
    return "; ".join(f"{column.title}: {_cell(column, cell, locale)}" for column, cell in cells)


def _cell(column: Column, value: object, locale: str) -> str:
    if column.type == "country":
        return _country_words(value, locale)
    if column.type == "choice":
        return _option_words(column.options, value)
    return _day_words(value, locale) if column.type == "date" else str(value)
