"""What officers do in the tests of reviews."""

from datetime import date
from fractions import Fraction

from riskapp.core.db import reading
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action
from riskapp.reviews.service import (
    review_answer,
    review_evidence,
    undo,
)
from riskapp.scoring.queries import score
from riskapp.scoring.sheet import State as ItemState
from tests import stages
from tests.cast import Member

ISSUED_ON = date(2026, 10, 1)


def act(
    invitation: OpenedInvitation,
    question_id: str,
    action: Action,
    by: Member,
    note: str = "Because.",
    compensation: str = "",
) -> None:
    review_answer(
        invitation.assessment_id,
        question_id,
        action,
        stages.reviewer(by),
        note=note,
        compensation=compensation,
    )


def look(
    invitation: OpenedInvitation,
    action: Action,
    by: Member,
    *,
    issued_on: date | None = ISSUED_ON,
    valid_until: date | None = None,
    note: str = "Seen.",
) -> None:
    """Reviews the only file."""
    review_evidence(
        invitation.assessment_id,
        file(invitation).use_id,
        action,
        stages.reviewer(by),
        issued_on=issued_on,
        valid_until=valid_until,
        note=note,
    )


def file(invitation: OpenedInvitation) -> EvidenceRow:
    reading().rollback()
    (found,) = of_assessment(reading(), invitation.assessment_id)
    return found


def undo_last(invitation: OpenedInvitation, by: Member, position: int = -1) -> None:
    reading().rollback()
    entry = thread(reading(), invitation.assessment_id)[position]
    undo(invitation.assessment_id, entry.id, stages.reviewer(by), note="A slip.")


def item(invitation: OpenedInvitation, question_id: str) -> tuple[ItemState, float | Fraction]:
    reading().rollback()
    found = score(reading(), invitation.assessment_id)
    assert found is not None
    (one,) = [one for one in found.sheet.items if one.id == question_id]
    return one.state, one.credit
