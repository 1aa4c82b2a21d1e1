from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
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
