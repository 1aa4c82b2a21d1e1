from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.reviews.models import Decision, ReviewEntry


@dataclass(frozen=True, slots=True)
class EntryRow:
    id: str
    question_id: str
    evidence_id: str | None
    evidence_version: int | None
    action: str
    note: str
    submission: int
    person_id: str
    person_name: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    outcome: str
    reasons: str
    conditions: str
    receipt: int
    person_name: str
    at: datetime


def thread(
    session: Session, assessment_id: str, question_id: str | None = None
) -> Sequence[EntryRow]:
    """What reviewers did, oldest first; of one question, or of the whole assessment."""
    query = (
        select(
            ReviewEntry.id,
            ReviewEntry.question_id,
            ReviewEntry.evidence_id,
            ReviewEntry.evidence_version,
            ReviewEntry.action,
            ReviewEntry.note,
            ReviewEntry.submission,
            ReviewEntry.person_id,
            Person.name,
            ReviewEntry.at,
            ReviewEntry.undone_at,
        )
        .join(Person, Person.id == ReviewEntry.person_id)
        .where(ReviewEntry.assessment_id == assessment_id)
        .order_by(ReviewEntry.position)
    )
    if question_id is not None:
        query = query.where(ReviewEntry.question_id == question_id)
    return [EntryRow(*row) for row in session.execute(query)]


def asked_back_notes(entries: Sequence[EntryRow]) -> dict[str, str]:
    """The newest note with which each question was asked back: what the vendor reads."""
    return {
        entry.question_id: entry.note
        for entry in entries
        if entry.action == "ask-back" and entry.undone_at is None
    }


def decision(session: Session, assessment_id: str) -> DecisionRow | None:
    row = session.execute(
        select(
            Decision.outcome,
            Decision.reasons,
            Decision.conditions,
            Decision.receipt,
            Person.name,
            Decision.at,
        )
        .join(Person, Person.id == Decision.person_id)
        .where(Decision.assessment_id == assessment_id)
    ).first()
    return None if row is None else DecisionRow(*row)
