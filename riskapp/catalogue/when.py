"""The tests that a questionnaire may put to facts and answers, and what facts there are.

There is no negation, so more answers never make a test that held fail for want of an answer.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from riskapp.catalogue.scalars import (
    ONE,
    ColumnId,
    Frozen,
    OneOrMore,
    QuestionId,
    Words,
    editors_see,
    refusal,
)

TIERS = ("low", "medium", "high", "critical")
"""Inherent risk, least first: the order in which `at_least` compares."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "services": (
        "development",
        "infrastructure",
        "soc",
        "helpdesk",
        "qa",
        "staff-augmentation",
        "saas",
        "consulting",
    ),
    "data": (
        "none",
        "internal",
        "confidential-or-personal",
        "special-category-financial-or-secrets",
        "unknown",
    ),
    "personal_data": ("yes", "no"),
    "special_categories": ("yes", "no"),
    "inherent": TIERS,
    "regulated": ("none", "nis2", "dora-critical", "other", "unknown"),
}
"""What the intake tells of an engagement, and every value that each fact can have."""

LISTS = frozenset({"services"})
"""The facts that hold a list of values."""


_COMPARISONS = ("is", "includes", "at_least")


class _Test(Frozen):
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [word]} for word in _COMPARISONS]}
    )

    equals: OneOrMore = Field(default=(), alias="is")
    includes: OneOrMore = ()
    at_least: Annotated[Words, editors_see(ONE)] | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        if len(self.model_fields_set & {"equals", "includes", "at_least"}) != 1:
            raise refusal("compares with nothing or twice", "write one of is, includes, at_least")
        if not (self.equals or self.includes or self.at_least):
            raise refusal("compares with an empty list", "name at least one value")
        return self


class FactTest(_Test):
    """Compares a fact of the engagement."""

    fact: Annotated[Words, Field(json_schema_extra={"enum": [*FACTS]})]


class QuestionTest(_Test):
    """Compares an answer; of a table, one column of any row."""

    question: QuestionId
    column: ColumnId | None = None


class All(Frozen):
    """Holds where every part holds."""

    parts: tuple["Condition", ...] = Field(alias="all", min_length=1)


class Any(Frozen):
    """Holds where at least one part holds."""

    parts: tuple["Condition", ...] = Field(alias="any", min_length=1)


def _kind(written: object) -> str | None:
    if isinstance(written, FactTest | QuestionTest | All | Any):
        return f"({type(written).__name__})"
    if isinstance(written, dict):
        for key, tag in _KINDS.items():
            if key in written:
                return tag
    return None


_KINDS = {"fact": "(FactTest)", "question": "(QuestionTest)", "all": "(All)", "any": "(Any)"}

Condition = Annotated[
    Annotated[FactTest, Tag("(FactTest)")]
    | Annotated[QuestionTest, Tag("(QuestionTest)")]
    | Annotated[All, Tag("(All)")]
    | Annotated[Any, Tag("(Any)")],
    Discriminator(
        _kind,
        custom_error_type="condition",
        custom_error_message="is no condition; begin it with fact, question, all or any",
    ),
]
"""One of the four. Tags stand in brackets so that `load` can take them out of a fault's path."""

All.model_rebuild()
Any.model_rebuild()

Place = tuple[int | str, ...]


def single_tests(
    condition: Condition, at: Place = ()
) -> Iterator[tuple[Place, FactTest | QuestionTest]]:
    """Every single test in a condition, with where it stands: ("all", 0), ("any", 1), ()."""
    if isinstance(condition, FactTest | QuestionTest):
        yield at, condition
        return
    word = "all" if isinstance(condition, All) else "any"
    for index, part in enumerate(condition.parts):
        yield from single_tests(part, (*at, word, index))
