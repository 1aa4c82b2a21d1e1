"""The review thread: every thing that a reviewer does is an entry, in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment
from riskapp.audit.service import Actor
from riskapp.catalogue.library import Library
from riskapp.core.ids import new_id
from riskapp.evidence.models import Evidence
from riskapp.reviews.errors import CannotUndo
from riskapp.reviews.models import ReviewEntry
from riskapp.reviews.rules import Action


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The officer who acts, when, and with which questionnaires at hand."""

    person_id: str
    now: datetime
    library: Library

    @property
    def actor(self) -> Actor:
        return Actor("person", self.person_id)


def next_entry(
    session: Session,
    row: Assessment,
    reviewer: Reviewer,
    action: Action,
    note: str,
    question_id: str,
    before: dict[str, Any],
    file: Evidence | None = None,
) -> ReviewEntry:
    """The thread's next entry, not yet added."""
    return ReviewEntry(
        id=new_id(),
        assessment_id=row.id,
        question_id=question_id,
        position=_position(session, row.id),
        evidence_id=file and file.id,
        evidence_version=file and file.version,
        action=action,
        note=note,
        before=before,
        submission=row.submissions,
        person_id=reviewer.person_id,
        at=reviewer.now,
        undone_at=None,
    )


def says_more(session: Session, entry: ReviewEntry) -> bool:
    """Whether an action that changes nothing is worth an entry: for its words.

    Not without any, and not when the entry before says the same: a second press of the button.
    """
    last = session.scalar(_beside(entry).order_by(ReviewEntry.position.desc()).limit(1))
    if last is None or last.undone_at is not None:
        return bool(entry.note)
    return bool(entry.note) and (last.action, last.note) != (entry.action, entry.note)


def _beside(entry: ReviewEntry) -> Select[ReviewEntry]:
    """The entries on the same answer, or on the same file."""
    return select(ReviewEntry).where(
        ReviewEntry.assessment_id == entry.assessment_id,
        ReviewEntry.question_id == entry.question_id,
        ReviewEntry.evidence_id.is_(None)
        if entry.evidence_id is None
        else ReviewEntry.evidence_id == entry.evidence_id,
    )


def refuse_later(session: Session, entry: ReviewEntry) -> None:
    later = session.scalar(
        _beside(entry)
        .where(
            ReviewEntry.position > entry.position,
            ReviewEntry.undone_at.is_(None),
            ReviewEntry.action != Action.UNDO,
        )
        .limit(1)
    )
    if later is not None:
        raise CannotUndo


def _position(session: Session, assessment_id: str) -> int:
    count = session.scalar(select(func.count()).where(ReviewEntry.assessment_id == assessment_id))
    return (count or 0) + 1
