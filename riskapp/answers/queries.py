import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer, AnswerRevision


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer as it stands, with where its review stands."""

    question_id: str
    revision: int
    value: Any
    na_reason: str | None
    comment: str
    saved_at: datetime
    standing: str
    asked_back: bool
    na_approvals: list[str]
    na_refused: bool
    confirmed: bool
    compensating: str | None

    @property
    def given(self) -> bool:
        """Whether it says anything: a value, or a reason why the question does not apply."""
        return self.value is not None or self.na_reason is not None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    question_id: str
    revision: int
    value: Any
    na_reason: str | None
    comment: str
    invitation_id: str
    saved_at: datetime


_ANSWER = Answer.__table__

_ANSWERS = select(
    Answer.question_id,
    Answer.revision,
    Answer.value,
    Answer.na_reason,
    Answer.comment,
    Answer.saved_at,
    Answer.standing,
    Answer.asked_back,
    Answer.na_approvals,
    Answer.na_refused,
    Answer.confirmed,
    Answer.compensating,
).where(Answer.assessment_id == bindparam("assessment"))


def answers(session: Session, assessment_id: str) -> dict[str, AnswerRow]:
    """All answers of an assessment by question id, in one statement."""
    rows = session.execute(_ANSWERS, {"assessment": assessment_id})
    return {row[0]: AnswerRow(*row) for row in rows}


_SAID = select(
    _ANSWER.c.question_id,
    _ANSWER.c.na_reason.is_not(None),
    cast(_ANSWER.c.value, Text),
).where(_ANSWER.c.assessment_id == bindparam("assessment"))


def said(
    session: Session, assessment_id: str, wanted: Container[str]
) -> tuple[set[str], dict[str, Any]]:
    """The questions that say anything, and the values of those in `wanted`.

    What the reply to a save needs; reading all of every answer costs three times as much.
    """
    given, known = set(), {}
    for name, not_applicable, value in session.connection().execute(
        _SAID, {"assessment": assessment_id}
    ):
        if value is not None or not_applicable:
            given.add(name)
        if value is not None and name in wanted:
            known[name] = json.loads(value)
    return given, known


def values(rows: Mapping[str, AnswerRow]) -> dict[str, Any]:
    """What conditions look at: the values that are given."""
    return {name: row.value for name, row in rows.items() if row.value is not None}


def revisions(
    session: Session, assessment_id: str, question_id: str | None = None
) -> Sequence[RevisionRow]:
    """Every version, oldest first: of one question, or of the whole assessment."""
    query = (
        select(
            AnswerRevision.question_id,
            AnswerRevision.revision,
            AnswerRevision.value,
            AnswerRevision.na_reason,
            AnswerRevision.comment,
            AnswerRevision.invitation_id,
            AnswerRevision.saved_at,
        )
        .where(AnswerRevision.assessment_id == assessment_id)
        .order_by(AnswerRevision.id)
    )
    if question_id is not None:
        query = query.where(AnswerRevision.question_id == question_id)
    return [RevisionRow(*row) for row in session.execute(query)]
