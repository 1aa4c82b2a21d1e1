"""What each action does to an answer's row; the service records it and scores again."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from riskapp.answers.models import Answer
from riskapp.catalogue.model import Question, Table
from riskapp.core.errors import FieldRefused
from riskapp.reviews.errors import NothingToReview, SameOfficer
from riskapp.reviews.rules import Action

MOST_COMPENSATION = Fraction(3, 4)
CREDIT = re.compile(r"[0-9]([.,][0-9]{1,4})?")


def compensation_credit(text: str) -> str:
    """The credit of a compensating control as an exact fraction. Raises FieldRefused."""
    if not CREDIT.fullmatch(text.strip()):
        raise FieldRefused("compensation", "Enter a credit above 0 and at most 0.75.")
    credit = Fraction(text.strip().replace(",", "."))
    if not 0 < credit <= MOST_COMPENSATION:
        raise FieldRefused("compensation", "Enter a credit above 0 and at most 0.75.")
    return str(credit)


def state_of(answer: Answer) -> dict[str, Any]:
    return {
        "standing": answer.standing,
        "asked_back": answer.asked_back,
        "na_approvals": list(answer.na_approvals),
        "na_refused": answer.na_refused,
        "confirmed": answer.confirmed,
        "compensating": answer.compensating,
    }


def _accept(answer: Answer, _question: Question, _by: str, _credit: str | None) -> None:
    answer.standing = "accepted"


def _reject(answer: Answer, _question: Question, _by: str, _credit: str | None) -> None:
    answer.standing = "rejected"
    answer.compensating = None  # what made up for it is judged anew


def _ask_back(answer: Answer, _question: Question, _by: str, _credit: str | None) -> None:
    answer.asked_back = True


def _approve_na(answer: Answer, question: Question, by: str, _credit: str | None) -> None:
    if answer.na_reason is None:
        raise NothingToReview(question.id, Action.APPROVE_NA)
    if by in answer.na_approvals:
        raise SameOfficer
    answer.na_approvals = [*answer.na_approvals, by]
    answer.na_refused = False


def _refuse_na(answer: Answer, question: Question, _by: str, _credit: str | None) -> None:
    if answer.na_reason is None:
        raise NothingToReview(question.id, Action.REFUSE_NA)
    answer.na_approvals = []
    answer.na_refused = True


def _confirm(answer: Answer, question: Question, _by: str, _credit: str | None) -> None:
    empty = isinstance(question.answer, Table) and answer.value == []
    if not (empty or (question.gate and answer.value is not None)):
        raise NothingToReview(question.id, Action.CONFIRM)
    answer.confirmed = True


def _compensate(answer: Answer, question: Question, _by: str, credit: str | None) -> None:
    legal = question.knockout is not None and question.knockout.level == "legal"
    if question.weight is None or legal:
        raise NothingToReview(question.id, Action.COMPENSATE)
    answer.compensating = credit


MARKS: dict[Action, Callable[[Answer, Question, str, str | None], None]] = {
    Action.ACCEPT: _accept,
    Action.REJECT: _reject,
    Action.ASK_BACK: _ask_back,
    Action.APPROVE_NA: _approve_na,
    Action.REFUSE_NA: _refuse_na,
    Action.CONFIRM: _confirm,
    Action.COMPENSATE: _compensate,
}
