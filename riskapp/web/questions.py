"""Questionnaires with their answers as plain objects for pages, and the fields of their forms.

The templates' macros take these objects; `fields_by_question` and `filled` are the way back, for
forms that are shown again with everything that was typed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from riskapp.answers.queries import AnswerRow, values
from riskapp.catalogue.answers import NONE_OF_THESE, NOTHING, VALUE, in_words, number_in_words
from riskapp.catalogue.conditions import in_words as condition_in_words
from riskapp.catalogue.model import (
    Choice,
    Countries,
    Multiple,
    Number,
    Question,
    Release,
    Section,
    Table,
)
from riskapp.catalogue.visible import applicable, asked
from riskapp.core.countries import all_countries
from riskapp.evidence.queries import EvidenceRow, by_question
from riskapp.web.languages import current
from riskapp.web.words import say

_FIELD = re.compile(r"q-([A-Z]{3}-[0-9]{2,4})-(.+)", re.DOTALL)
_CELL = re.compile(r"row-([0-9]{1,3})-(.+)", re.DOTALL)
_REVISION = re.compile(r"[0-9]{1,9}")

Fields = Mapping[str, Sequence[str]]
"""The fields of one question without their prefix: what `catalogue.answers.read_form` takes."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question as a page shows it. Not `asked`: another answer hides it, so far."""

    release: Release
    section: Section
    question: Question
    answer: AnswerRow | None
    files: Sequence[EvidenceRow]
    asked: bool

    @property
    def given(self) -> bool:
        return self.answer is not None and self.answer.given

    @property
    def words(self) -> str:
        """The answer for people; empty where there is none, as the macros want it."""
        if self.answer is None or self.answer.value is None:
            return ""
        return in_words(self.question, self.answer.value, current(), say)

    @property
    def words_language(self) -> str:
        """The language of `words`: the questionnaire's where they are options of its own."""
        own = isinstance(self.question.answer, Choice | Multiple) and not self.na_reason
        return self.release.language if own else ""

    @property
    def na_reason(self) -> str:
        return (self.answer and self.answer.na_reason) or ""

    @property
    def comment(self) -> str:
        return self.answer.comment if self.answer is not None else ""

    @property
    def condition(self) -> str:
        """On which answers it is asked, in words; empty where it always is."""
        if self.question.asked_when is None:
            return ""
        return say(condition_in_words(self.question.asked_when, self.release))

    @property
    def filled(self) -> "Filled":
        """Its fields as they stand saved, numbers as the page's language writes them."""
        found = saved(self.answer)
        if isinstance(self.question.answer, Number) and found.value is not None:
            return replace(found, value=number_in_words(found.value, current()))
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """A section with the questions in it that apply to the engagement."""

    release: Release
    section: Section
    items: Sequence[Item]

    @property
    def asked(self) -> list[Item]:
        return [item for item in self.items if item.asked]


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a question's fields: `value` as the macros take it, not yet checked."""

    value: Any
    none_ticked: bool
    na: bool
    na_reason: str
    comment: str
    revision: int


def parts(
    releases: Sequence[Release],
    facts: Mapping[str, object],
    answers: Mapping[str, AnswerRow],
    files: Sequence[EvidenceRow] = (),
) -> list[Part]:
    """Sections in the order in which they were sent; those of which nothing applies are left out.

    Every applicable question is in it, whether asked now or not.
    """
    known, attached = values(answers), by_question(files)
    found = []
    for release in releases:
        applying = {question.id for question in applicable(release, facts)}
        shown = {question.id for question in asked(release, facts, known)}
        for section in release.sections:
            items = [
                Item(
                    release,
                    section,
                    question,
                    answers.get(question.id),
                    attached.get(question.id, ()),
                    question.id in shown,
                )
                for question in section.questions
                if question.id in applying
            ]
            if items:
                found.append(Part(release, section, items))
    return found


def countries_for(questions: Iterable[Question]) -> list[tuple[str, str]]:
    """What the selects offer; empty where no question asks for a country, for it is long."""
    wanted = any(
        isinstance(question.answer, Countries)
        or (
            isinstance(question.answer, Table)
            and any(column.type == "country" for column in question.answer.columns)
        )
        for question in questions
    )
    return all_countries(current()) if wanted else []


def fields_by_question(form: "MultiDict[str, str]") -> dict[str, dict[str, list[str]]]:
    """A form's fields `q-<question id>-<name>` by question id and name.

    Browsers send lines with CR LF from forms and with LF from scripts; both become LF. PostgreSQL
    cannot keep U+0000, which nobody types.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for name, given in form.lists():
        field = _FIELD.fullmatch(name)
        if field is not None:
            texts = [text.replace("\r\n", "\n").replace("\0", "") for text in given]
            found.setdefault(field[1], {})[field[2]] = texts
    return found


def form_name(question_id: str, field: str) -> str:
    """The form's name for a question's field: also its id on the page."""
    return f"q-{question_id}-{field}"


def saved(answer: AnswerRow | None) -> Filled:
    """The fields of a form that nobody has touched yet."""
    if answer is None:
        return Filled(None, False, False, "", "", 0)
    return Filled(
        answer.value,
        answer.value == [],
        answer.na_reason is not None,
        answer.na_reason or "",
        answer.comment,
        answer.revision,
    )


def filled(question: Question, fields: Fields) -> Filled:
    """What was typed, right or wrong, so that it can be shown again."""
    none_ticked = NOTHING in fields or NONE_OF_THESE in fields
    value: Any = None
    texts = [text for text in fields.get(VALUE, ()) if text]
    if isinstance(question.answer, Table):
        value = _rows(fields)
    elif isinstance(question.answer, Multiple | Countries):
        value = texts
    elif texts:
        value = texts[0]
    if not value and not none_ticked:
        value = None
    return Filled(
        value,
        none_ticked,
        "na" in fields,
        first(fields, "na-reason"),
        first(fields, "comment"),
        revision(fields),
    )


def _rows(fields: Fields) -> list[dict[str, str]]:
    """A table's rows as typed, blank ones kept between others so that numbers stay."""
    cells: dict[int, dict[str, str]] = {}
    for name, texts in fields.items():
        cell = _CELL.fullmatch(name)
        if cell is not None and any(text.strip() for text in texts):
            cells.setdefault(int(cell[1]), {})[cell[2]] = texts[0]
    return [cells.get(number, {}) for number in range(1, max(cells, default=0) + 1)]


def first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def revision(fields: Fields) -> int:
    """The revision that the page was made from; 0 where the field is missing or no number."""
    text = first(fields, "rev")
    return int(text) if _REVISION.fullmatch(text) else 0
