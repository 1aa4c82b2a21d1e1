"""A release answered in a form and scored, of which nothing is kept. Reads and writes no database.

What an officer would still have to confirm (answers that decide what else is asked, and that there
is nothing to list) is taken as confirmed; that a question does not apply is approved by nobody;
proof was issued today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict

from riskapp.answers.service import Given, checked
from riskapp.catalogue.answers import AnswerRefused
from riskapp.catalogue.model import Question, Release, Section
from riskapp.catalogue.visible import applicable, asked_of
from riskapp.core.errors import FieldRefused
from riskapp.scoring.build import Case, Reviewed, build_sheet
from riskapp.scoring.constants import LADDER, Level
from riskapp.scoring.queries import ReceiptRow, Score
from riskapp.scoring.rules import evaluate
from riskapp.scoring.sheet import Evidence, Inherent
from riskapp.scoring.terms import Terms
from riskapp.web.questionnaires.madeup import ODD, MadeUp, made_up
from riskapp.web.questions import Fields, Filled, fields_by_question, filled, first, form_name
from riskapp.web.scorecard import Card, card
from riskapp.web.typed import error_field, given_in

PROOF = "proof"
"""The field of a question that says how its proof is thought to stand; a level of the ladder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question in the form. `cost` says what its answer adds to the score, "" for nothing."""

    question: Question
    filled: Filled
    proof: str
    asked: bool
    cost: str

    @property
    def offer_na(self) -> bool:
        knockout = self.question.knockout
        return not (self.question.gate or (knockout is not None and knockout.level == "legal"))


@dataclass(frozen=True, slots=True)
class Trial:
    """What a form comes to. `errors` are pairs of field and message."""

    engagement: MadeUp
    parts: Sequence[tuple[Section, Sequence[Entry]]]
    applying: int
    asked: Sequence[str]
    errors: Sequence[tuple[str, str]]
    card: Card

    @property
    def without(self) -> int:
        """How many questions the engagement's facts take out."""
        return sum(len(part) for _, part in self.parts) - self.applying

    @property
    def costs(self) -> dict[str, str]:
        return {entry.question.id: entry.cost for _, part in self.parts for entry in part}


@dataclass(slots=True)
class _Typed:
    """What a form says to each question, and what of it cannot be taken."""

    answers: dict[str, Given] = field(default_factory=dict)
    proofs: dict[str, Level] = field(default_factory=dict)
    errors: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        found = self.answers.items()
        return {name: given.value for name, given in found if given.value is not None}

    def refuse(self, question: Question, name: str, problem: str) -> None:
        error = (error_field(question, name), f"{question.id}: {problem}")
        self.errors.setdefault(question.id, []).append(error)


def trial(release: Release, form: "MultiDict[str, str] | None", today: date, terms: Terms) -> Trial:
    """Takes a form's answers to a release that has no faults. Without a form nothing is answered.

    What cannot be taken counts as not answered, and stays in its field. Of a question that is not
    asked now nothing is said.
    """
    forms: Mapping[str, Fields] = {} if form is None else fields_by_question(form)
    engagement = made_up(form)
    applying = applicable(release, engagement.facts)
    typed = _read(applying, forms)
    now_asked = [one.id for one in asked_of(applying, engagement.facts, typed.values)]
    shown = frozenset(now_asked)
    scored = _scored(release, engagement, typed, today, terms)
    costs = _costs(scored)
    parts = [
        (
            section,
            [
                Entry(
                    question,
                    filled(question, forms.get(question.id, {})),
                    first(forms.get(question.id, {}), PROOF),
                    question.id in shown,
                    costs.get(question.id, ""),
                )
                for question in section.questions
            ],
        )
        for section in release.sections
    ]
    return Trial(
        engagement,
        parts,
        len(applying),
        now_asked,
        [*engagement.errors, *(one for name in now_asked for one in typed.errors.get(name, ()))],
        scored,
    )


def _read(questions: Iterable[Question], forms: Mapping[str, Fields]) -> _Typed:
    typed = _Typed()
    for question in questions:
        fields = forms.get(question.id)
        if fields is None:
            continue
        try:
            typed.answers[question.id] = checked(question, given_in(question, fields))
        except AnswerRefused as refused:
            typed.refuse(question, refused.field, refused.problem)
        except FieldRefused as refused:
            typed.refuse(question, refused.field, refused.message)
        level = first(fields, PROOF) or Level.NONE
        if level in LADDER:
            typed.proofs[question.id] = Level(level)
        else:
            typed.errors.setdefault(question.id, []).append((form_name(question.id, PROOF), ODD))
    return typed


def _scored(release: Release, engagement: MadeUp, typed: _Typed, today: date, terms: Terms) -> Card:
    case = Case(
        releases=[release],
        facts=engagement.facts,
        factors={},
        answers={name: _reviewed(given) for name, given in typed.answers.items()},
        evidence={
            name: [Evidence(True, level, today)]
            for name, level in typed.proofs.items()
            if level is not Level.NONE
        },
    )
    inherent = Inherent.given(engagement.score, terms.scheme.constants.inherent_bounds)
    sheet = replace(build_sheet(case, today, terms), inherent=inherent)
    result = evaluate(sheet)
    made_at = datetime.combine(today, time(), UTC)
    row = ReceiptRow(0, 0, today, "tried", "", result.tier, result.shown, sheet.scheme, [], made_at)
    return card(Score(row, "", sheet, result), [release], typed.values)


def _reviewed(given: Given) -> Reviewed:
    return Reviewed(
        value=given.value,
        na_reason=given.na_reason,
        standing="open",
        na_approvals=0,
        na_refused=False,
        confirmed=True,
        compensating=None,
    )


def _costs(scored: Card) -> dict[str, str]:
    """What each question adds, as a sentence that can stand by it."""
    found = {
        line.question_id: f"+{line.points}: {line.question_id} {line.because}."
        for line in scored.lines
    }
    for floor in scored.failed:
        held = f"It holds the score at {floor.at} or above."
        said = found.get(floor.question_id, f"{floor.question_id} {floor.words}.")
        found[floor.question_id] = f"{said} {held}"
    return found
