"""The ten kinds of answer: what may be answered, and what a scored answer can be worth."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from riskapp.catalogue.scalars import (
    ColumnId,
    Day,
    Frozen,
    Quantity,
    Share,
    Slug,
    Truth,
    Whole,
    Words,
    one_of,
    refusal,
)
from riskapp.core.sentences import Sentence

HALF = Fraction(1, 2)
TOP_LEVEL = 4
"""The highest maturity level."""

NOTHING_TO_LIST = Sentence("There is nothing to list.")
"""What the tick under a table says where the questionnaire has no words of its own for it."""


class Option(Frozen):
    """`credit` where a vendor's answer is scored; `value` in the intake, 0 (best) to 1 (worst)."""

    id: Slug
    text: Words
    credit: Share | None = None
    value: Share | None = None


class YesNo(Frozen):
    type: Literal["yes_no"]
    good: Annotated[Literal["yes", "no"], one_of("yes", "no")] = "yes"

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return Fraction(0), Fraction(1)


class YesPartlyNo(Frozen):
    type: Literal["yes_partly_no"]

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return Fraction(0), HALF, Fraction(1)


class Choice(Frozen):
    type: Literal["choice"]
    options: tuple[Option, ...] = Field(min_length=2)

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return tuple(option.credit for option in self.options if option.credit is not None)


class Multiple(Frozen):
    """Worth the share of the options that are named; naming none of them is an answer too."""

    type: Literal["multiple"]
    options: tuple[Option, ...] = Field(min_length=1)

    @property
    def credits(self) -> tuple[Fraction, ...]:
        count = len(self.options)
        return tuple(Fraction(named, count) for named in range(count + 1))


class Maturity(Frozen):
    """`levels` says what each of the levels 0 to 4 means."""

    type: Literal["maturity"]
    levels: tuple[Words, ...] = Field(min_length=TOP_LEVEL + 1, max_length=TOP_LEVEL + 1)

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(level, TOP_LEVEL) for level in range(TOP_LEVEL + 1))


class Band(Frozen):
    """What a range of numbers is worth: `at_most` or `at_least` with a `credit`, or `else`."""

    at_most: Quantity | None = None
    at_least: Quantity | None = None
    credit: Share | None = None
    otherwise: Share | None = Field(default=None, alias="else")

    @model_validator(mode="after")
    def _one_range(self) -> Self:
        limits = [limit for limit in (self.at_most, self.at_least) if limit is not None]
        if (len(limits), self.credit is None, self.otherwise is None) not in {
            (1, False, True),
            (0, True, False),
        }:
            remedy = "write {at_most: 4, credit: 1}, {at_least: 4, credit: 1} or {else: 0}"
            raise refusal("is no band", remedy)
        return self

    @property
    def worth(self) -> Fraction:
        return (self.credit if self.otherwise is None else self.otherwise) or Fraction(0)


class Number(Frozen):
    """A decimal number from `min` to `max` (none: no upper limit) in `unit`.

    It is worth the first band that holds it, and nothing where none does.
    """

    type: Literal["number"]
    unit: Words | None = None
    min: Quantity = Decimal(0)
    max: Quantity | None = None
    decimals: Annotated[Whole, Field(ge=0, le=6)] = 0
    bands: tuple[Band, ...] = ()

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise refusal("has a max below its min", "make max at least min")
        return self

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return tuple(band.worth for band in self.bands)


class Date(Frozen):
    """A day; `after` and `before` are the first and the last that are taken."""

    type: Literal["date"]
    after: Day | None = None
    before: Day | None = None

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return ()


class Text(Frozen):
    """Words; `max_length` in characters."""

    type: Literal["text"]
    max_length: Annotated[Whole, Field(ge=1, le=20_000)] = 4000
    multiline: Truth = False

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return ()


class Countries(Frozen):
    """At least `min` countries. Their credit comes from the transfer rules, never from here."""

    type: Literal["countries"]
    min: Annotated[Whole, Field(ge=0, le=249)] = 1

    @property
    def credits(self) -> tuple[Fraction, ...]:
        return ()


class Column(Frozen):
    """One cell of every row. A choice whose options carry credits is a scored column."""

    id: ColumnId
    title: Words
    type: Annotated[
        Literal["text", "country", "choice", "date"], one_of("text", "country", "choice", "date")
    ]
    required: Truth = True
    options: tuple[Option, ...] = ()
    max_length: Annotated[Whole, Field(ge=1, le=4000)] = 200

    @model_validator(mode="after")
    def _options_of_choice(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise refusal("has options and no choice, or the other way", "give options to a choice")
        return self

    @property
    def scored(self) -> bool:
        return any(option.credit is not None for option in self.options)


class Table(Frozen):
    """Rows of cells. `empty_means` words the tick that says that there are no rows to give."""

    type: Literal["table"]
    columns: tuple[Column, ...] = Field(min_length=1)
    min_rows: Annotated[Whole, Field(ge=0, le=500)] = 0
    max_rows: Annotated[Whole, Field(ge=1, le=500)] = 100
    empty_means: Words | None = None

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.max_rows < self.min_rows:
            raise refusal("has max_rows below min_rows", "make max_rows at least min_rows")
        return self

    @property
    def empty_words(self) -> str | None:
        """What the tick says, or None where at least one row has to be given."""
        return self.empty_means or (None if self.min_rows else NOTHING_TO_LIST)

    @property
    def credits(self) -> tuple[Fraction, ...]:
        scored = (column.options for column in self.columns if column.scored)
        worths = [option.credit for option in chain.from_iterable(scored)]
        return Fraction(1), *(worth for worth in worths if worth is not None)


Spec = YesNo | YesPartlyNo | Choice | Multiple | Maturity | Number | Date | Text | Countries | Table
"""Any of the ten."""

TYPES: Mapping[str, type[Spec]] = {
    "yes_no": YesNo,
    "yes_partly_no": YesPartlyNo,
    "choice": Choice,
    "multiple": Multiple,
    "maturity": Maturity,
    "number": Number,
    "date": Date,
    "text": Text,
    "countries": Countries,
    "table": Table,
}


def _kind(written: object) -> str | None:
    kind = written.get("type") if isinstance(written, dict) else getattr(written, "type", None)
    return f"({kind})" if kind in TYPES else None


AnswerSpec = Annotated[
    Annotated[YesNo, Tag("(yes_no)")]
    | Annotated[YesPartlyNo, Tag("(yes_partly_no)")]
    | Annotated[Choice, Tag("(choice)")]
    | Annotated[Multiple, Tag("(multiple)")]
    | Annotated[Maturity, Tag("(maturity)")]
    | Annotated[Number, Tag("(number)")]
    | Annotated[Date, Tag("(date)")]
    | Annotated[Text, Tag("(text)")]
    | Annotated[Countries, Tag("(countries)")]
    | Annotated[Table, Tag("(table)")],
    Discriminator(
        _kind,
        custom_error_type="answer_type",
        custom_error_message="has no known type; begin it with type: " + " | ".join(TYPES),
    ),
]
"""`Spec` as a field. Tags stand in brackets so that `load` can take them out of a path."""
