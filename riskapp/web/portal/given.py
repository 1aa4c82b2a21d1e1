"""From a form's fields to saved answers, each question for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from riskapp.answers.errors import AnswerClosed, NewerAnswer, Saved
from riskapp.answers.queries import AnswerRow, revisions
from riskapp.answers.service import Given, Saving, checked, save
from riskapp.catalogue.answers import AnswerRefused, in_words
from riskapp.catalogue.model import Question
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.core.sentences import Sentence
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.languages import current
from riskapp.web.portal.work import Work
from riskapp.web.questions import Fields, Item, first, form_name, revision
from riskapp.web.typed import error_field, given_in
from riskapp.web.words import say

KEEP, CHOOSE = "keep", "choose"
"""Fields of the page on which a person chooses between two answers."""
CLOSED = Sentence("This answer cannot be changed now: it was sent in, and nobody asked it back.")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two answers to one question: what was typed, and what somebody saved meanwhile."""

    question: Question
    fields: Fields
    mine: Given
    theirs: Saved

    @property
    def mine_words(self) -> str:
        return _words(self.question, self.mine)

    @property
    def theirs_words(self) -> str:
        return _words(self.question, self.theirs)


def _words(question: Question, answer: Given | Saved) -> str:
    return "" if answer.value is None else in_words(question, answer.value, current(), say)


@dataclass(slots=True)
class Outcome:
    """What became of a form. `refused` are the fields of questions that were not saved."""

    saved: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, Fields] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    def refuse(self, question: Question, fields: Fields, name: str, problem: str) -> None:
        self.refused[question.id] = fields
        self.errors.append((error_field(question, name), f"{question.id}: {say(problem)}"))


def saving(invitation: OpenedInvitation, base: int) -> Saving:
    return Saving(invitation.assessment_id, invitation.vendor_id, invitation.id, base)


def save_all(work: Work, forms: Mapping[str, Fields], now: datetime) -> Outcome:
    """Saves every question of the form that differs from what is saved, each for itself.

    What cannot be taken, and what somebody else changed meanwhile, is in the outcome; the rest is
    saved all the same.
    """
    outcome = Outcome()
    for part in work.parts:
        for item in part.items:
            fields = forms.get(item.question.id)
            if fields is not None and "rev" in fields:
                _save_one(work.invitation, item, fields, outcome, now)
    return outcome


def _save_one(
    invitation: OpenedInvitation, item: Item, fields: Fields, outcome: Outcome, now: datetime
) -> None:
    question, base = item.question, revision(fields)
    try:
        given = checked(question, given_in(question, fields))
        if not _decided(item, fields, given, outcome) or _same(given, item.answer):
            return
        save(question, given, saving(invitation, base), now=now)
    except AnswerRefused as refused:
        outcome.refuse(question, fields, refused.field, refused.problem)
    except FieldRefused as refused:
        outcome.refuse(question, fields, refused.field, refused.message)
    except AnswerClosed:
        # It is shown to be read only: there is no field to lead to, but the question.
        outcome.errors.append((question.id, f"{question.id}: {say(CLOSED)}"))
    except NewerAnswer as newer:
        if not _untouched(invitation.assessment_id, question.id, base, given):
            outcome.conflicts.append(Conflict(question, fields, given, newer.saved))
    else:
        outcome.saved.append(question.id)


def _decided(item: Item, fields: Fields, given: Given, outcome: Outcome) -> bool:
    """Whether the typed answer is to be saved, where the person had to choose between two."""
    keep = first(fields, KEEP)
    if CHOOSE not in fields or keep == "mine":
        return True
    if keep != "theirs":
        outcome.errors.append(
            (
                form_name(item.question.id, KEEP),
                say(
                    "{question}: choose which of the two answers stands.", question=item.question.id
                ),
            )
        )
        outcome.conflicts.append(Conflict(item.question, fields, given, _standing(item.answer)))
    return False


def _standing(answer: AnswerRow | None) -> Saved:
    if answer is None:
        return Saved(0, None, None, "", None)
    return Saved(answer.revision, answer.value, answer.na_reason, answer.comment, answer.saved_at)


def _same(given: Given, answer: AnswerRow | None) -> bool:
    if answer is None:
        return given == Given()
    return given == Given(answer.value, answer.na_reason, answer.comment)


def _untouched(assessment_id: str, question_id: str, base: int, given: Given) -> bool:
    """Whether the form only repeats what its page was made from: then it claims nothing."""
    if base == 0:
        return given == Given()
    return any(
        row.revision == base and given == Given(row.value, row.na_reason, row.comment)
        for row in revisions(reading(), assessment_id, question_id)
    )
