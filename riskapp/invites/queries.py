"""Finds out which link this is, and whether it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import WITH_VENDOR, State
from riskapp.core.tokens import token_hash
from riskapp.invites.models import Invitation, RespondentSession
from riskapp.vendors.models import Engagement, Vendor


class Standing(StrEnum):
    """What a link opens now."""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OpenedInvitation:
    """A real link, and the assessment behind it."""

    id: str
    email: str
    assessment_id: str
    vendor_id: str
    vendor_name: str
    engagement_title: str
    state: State
    due: date
    started_at: datetime | None
    revoked_at: datetime | None
    submissions: int
    erased_at: datetime | None
    facts: dict[str, object]

    def standing(self, today: date) -> Standing:
        """Submitted and decided show the acknowledgement, whatever the day."""
        if self.state is State.CANCELLED:
            return Standing.CANCELLED
        if self.revoked_at is not None:
            return Standing.REVOKED
        if self.state not in WITH_VENDOR:
            return Standing.SUBMITTED
        return Standing.OPEN if today <= self.due else Standing.EXPIRED


@dataclass(frozen=True, slots=True)
class InvitationRow:
    id: str
    email: str
    issued_at: datetime
    started_at: datetime | None
    mailed_at: datetime | None
    revoked_at: datetime | None


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Invitation.id,
            Invitation.email,
            Assessment.id.label("assessment_id"),
            Vendor.id.label("vendor_id"),
            Vendor.name.label("vendor_name"),
            Engagement.title.label("engagement_title"),
            Assessment.state,
            Assessment.due,
            Invitation.started_at,
            Invitation.revoked_at,
            Assessment.submissions,
            Assessment.erased_at,
            Assessment.facts,
        )
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .join(Vendor, Vendor.id == Assessment.vendor_id)
    )


_BY_TOKEN = _select().where(Invitation.token_hash == bindparam("hash"))
_BY_SESSION = (
    _select()
    .join(RespondentSession, RespondentSession.invitation_id == Invitation.id)
    .where(
        RespondentSession.token_hash == bindparam("hash"),
        RespondentSession.expires_at > bindparam("now", type_=RespondentSession.expires_at.type),
        Invitation.id == bindparam("invitation"),
    )
)


def _opened(row: Row[*tuple[Any, ...]] | None) -> OpenedInvitation | None:
    if row is None:
        return None
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return OpenedInvitation(**{**known, "state": State(known["state"])})


def by_token(session: Session, token: str) -> OpenedInvitation | None:
    """The invitation of a link's token. Reads only: mail scanners open links."""
    return _opened(session.execute(_BY_TOKEN, {"hash": token_hash(token)}).first())


def by_session(
    session: Session, invitation_id: str, token: str, *, now: datetime
) -> OpenedInvitation | None:
    """The invitation that a respondent's browser continues."""
    # By the connection: as a plain statement it costs half of what it costs as the ORM's.
    found = session.connection().execute(
        _BY_SESSION, {"hash": token_hash(token), "now": now, "invitation": invitation_id}
    )
    return _opened(found.first())


def invitations(session: Session, assessment_id: str) -> Sequence[InvitationRow]:
    rows = session.execute(
        select(
            Invitation.id,
            Invitation.email,
            Invitation.issued_at,
            Invitation.started_at,
            Invitation.mailed_at,
            Invitation.revoked_at,
        )
        .where(Invitation.assessment_id == assessment_id)
        .order_by(Invitation.issued_at.desc())
        .limit(200)
    )
    return [InvitationRow(*row) for row in rows]
