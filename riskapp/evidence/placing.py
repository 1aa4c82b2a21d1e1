"""Where a file lies, and whether the vendor may change what lies there."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer
from riskapp.answers.rules import open_to_vendor
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.core.errors import NotFound
from riskapp.evidence.errors import EvidenceClosed
from riskapp.evidence.models import EvidenceUse
from riskapp.invites.models import Invitation


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file belongs: by whose link, on which question."""

    assessment_id: str
    vendor_id: str
    invitation_id: str
    question_id: str


@dataclass(frozen=True, slots=True)
class Seat:
    """Which version of which evidence a file is to be: what it is bound to when it is sealed."""

    evidence_id: str
    version: int


def ensure_open(session: Session, place: Place) -> None:
    """Raises EvidenceClosed, NotFound: asked before a body is read, and again when it is kept.

    A link that was revoked while a long body came in brings nothing any more.
    """
    revoked = select(Invitation.revoked_at).where(Invitation.id == place.invitation_id)
    if session.scalar(revoked) is not None:
        raise NotFound
    if place.question_id not in open_among(session, place.assessment_id, [place.question_id]):
        raise EvidenceClosed(place.question_id)


def open_among(session: Session, assessment_id: str, questions: Collection[str]) -> set[str]:
    """Those of these questions whose files the vendor may change now. Raises NotFound."""
    row = session.execute(
        select(Assessment.state, Assessment.returned_at).where(Assessment.id == assessment_id)
    ).first()
    if row is None:
        raise NotFound
    given = session.execute(
        select(
            Answer.question_id, Answer.asked_back, Answer.value, Answer.na_reason, Answer.saved_at
        ).where(Answer.assessment_id == assessment_id, Answer.question_id.in_(questions))
    )
    answers = {answer.question_id: answer for answer in given}

    def takes(question_id: str) -> bool:
        answer = answers.get(question_id)
        return open_to_vendor(
            State(row.state),
            asked_back=answer is not None and answer.asked_back,
            given=answer is not None and (answer.value is not None or answer.na_reason is not None),
            saved_at=None if answer is None else answer.saved_at,
            returned_at=row.returned_at,
        )

    return {question_id for question_id in questions if takes(question_id)}


def lies_on(use: EvidenceUse, place: Place) -> bool:
    return (use.assessment_id, use.question_id) == (place.assessment_id, place.question_id)
