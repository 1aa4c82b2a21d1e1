"""What the vendor is shown of the score: nothing, the tier, or the card; the officer chooses."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.assessments.errors import WrongState
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.assessments.service import about, locked
from riskapp.audit.service import moved, record
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused
from riskapp.reviews.entries import Reviewer


class Shown(StrEnum):
    """`tier`: the tier and the number; `card`: domains, what failed and what would help as well."""

    TIER = "tier"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Sharing:
    """How much is shared, and of which receipt."""

    shown: Shown
    receipt: int


def sharing(session: Session, assessment_id: str) -> Sharing | None:
    """What the vendor may see of an assessment's score now; None: nothing. One statement."""
    row = session.execute(
        select(Assessment.shared, Assessment.shared_receipt).where(Assessment.id == assessment_id)
    ).first()
    if row is None or row.shared is None or row.shared_receipt is None:
        return None
    return Sharing(Shown(row.shared), row.shared_receipt)


def share(
    assessment_id: str, level: Shown | None, reviewer: Reviewer, *, receipt: int | None
) -> None:
    """Shows the vendor so much of a receipt, which is the newest, and of no later one.

    A `level` of None: nothing. It can be changed and withdrawn as long as the assessment is not
    cancelled. Raises FieldRefused where there is no receipt to show, or a newer one than the
    officer looked at; WrongState, NotFound.
    """
    with transaction() as session:
        row = locked(session, assessment_id)
        state = State(row.state)
        if state is State.CANCELLED:
            raise WrongState(state, "sharing the score")
        if level is not None and row.erased_at is not None:
            raise FieldRefused("shown", "There is nothing to show any more: it was erased.")
        if level is not None and not row.receipts:
            raise FieldRefused(
                "shown", "There is nothing to show yet: the vendor has to submit first."
            )
        if level is None:
            receipt = None
        elif receipt != row.receipts:
            raise FieldRefused(
                "shown", "There is a newer receipt now. Look at it, and choose again."
            )
        before = (row.shared, row.shared_receipt)
        if before != (level, receipt):
            row.shared, row.shared_receipt = level, receipt
            record(
                session,
                "assessment:share",
                about(row),
                actor=reviewer.actor,
                now=reviewer.now,
                receipt=receipt,
                **moved(before[0], level),
            )
