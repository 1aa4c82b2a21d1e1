"""Answers: taken from forms and JSON, worth a credit, said in words."""

from collections.abc import Callable, Iterable, Mapping
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
from riskapp.catalogue.specs import HALF, NOTHING_TO_LIST, TOP_LEVEL
from riskapp.catalogue.values import NOTHING, VALUE, YES_OR_NO, Value, canonical_value
from riskapp.core import countries
from riskapp.core.sentences import Sentence

__all__ = [
    "NONE_OF_THESE",
    "NOTHING",
    "VALUE",
    "AnswerRefused",
    "Value",
    "canonical_value",
    "credit",
    "in_words",
    "number_in_words",
    "read_form",
    "rows_credit",
]

_SHARES = {"yes": Fraction(1), "partly": HALF, "no": Fraction(0)}
NOT_ANSWERED = Sentence("Not answered")

Say = Callable[[Sentence], str]
"""Says our own words in a language; `str` leaves them English."""


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


def in_words(question: Question, value: object, locale: str = "en", say: Say = str) -> str:
    """An answer as people read it; never raises, whatever `value` is.

    A table gives one line for each row. Countries, days and numbers are written in `locale`'s
    language; `say` is to say our own words in it.
    """
    if value is None:
        return say(NOT_ANSWERED)
    words = str(value)
    match question.answer:
        case YesNo() | YesPartlyNo():
            words = say(YES_OR_NO[words]) if words in YES_OR_NO else words
        case Choice(options=options):
            words = _option_words(options, value)
        case Multiple(options=options) if isinstance(value, list):
            named = "; ".join(_option_words(options, one) for one in value)
            words = named or say(Sentence("None of these"))
        case Maturity(levels=levels) if type(value) is int and 0 <= value <= TOP_LEVEL:
            level = Sentence("Level {level} of {top}: {words}")
            words = say(level.of(level=value, top=TOP_LEVEL, words=levels[value]))
        case Number(unit=unit):
            words = number_in_words(value, locale) + (f" {unit}" if unit else "")
        case Date() if isinstance(value, str):
            words = _day_words(value, locale)
        case Countries() if isinstance(value, list):
            named = ", ".join(_country_words(one, locale) for one in value)
            words = named or say(Sentence("None"))
        case Table() as spec if isinstance(value, list):
            rows = [_row_words(spec, row, locale) for row in value]
            words = "\n".join(rows) or spec.empty_means or say(_nothing(spec))
    return words


def _nothing(table: Table) -> Sentence:
    return NOT_ANSWERED if table.min_rows else NOTHING_TO_LIST


def number_in_words(value: object, locale: str = "en") -> str:
    """A number with the decimal sign of the language, and nothing between its thousands."""
    text = str(value)
    if locale == "en" or "." not in text:
        return text
    from babel.numbers import get_decimal_symbol  # noqa: PLC0415 - as for days

    return text.replace(".", get_decimal_symbol(locale.replace("-", "_")))


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
