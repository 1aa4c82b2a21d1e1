"""Links: issue, open, start, revoke. The token is given once and never stored."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from riskapp.accounts.service import checked_email
from riskapp.assessments.errors import WrongState
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import WITH_VENDOR, State
from riskapp.assessments.service import Plan, checked_due, draw_up, locked, move
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.library import Library
from riskapp.core.db import transaction
from riskapp.core.errors import NotFound
from riskapp.core.ids import new_id
from riskapp.core.tokens import new_token, token_hash
from riskapp.invites.models import Invitation, RespondentSession

SESSION_LASTS = timedelta(days=30)
"""A respondent's browser stays known this long; the link opens a new session at any time."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh link. `token` exists only here: what is stored is its hash."""

    assessment_id: str
    invitation_id: str
    email: str
    token: str = field(repr=False)


def issue(
    library: Library,
    engagement_id: str,
    plan: Plan,
    *,
    email: str,
    actor: Actor,
    now: datetime,
) -> Issued:
    """Draws up an assessment and sends it: gives the link's token.

    Raises FieldRefused, IntakeMissing, NotFound.
    """
    email = checked_email(email)
    with transaction() as session:
        row = draw_up(session, library, engagement_id, plan, actor=actor, now=now)
        return _send(session, row, email, actor=actor, now=now)


def issue_draft(assessment_id: str, *, email: str, actor: Actor, now: datetime) -> Issued:
    """Sends a draft. Raises FieldRefused, WrongState, NotFound."""
    email = checked_email(email)
    with transaction() as session:
        row = locked(session, assessment_id)
        checked_due(row.due, now.date())
        return _send(session, row, email, actor=actor, now=now)


def _send(session: Session, row: Assessment, email: str, *, actor: Actor, now: datetime) -> Issued:
    move(session, row, State.ISSUED, actor=actor, now=now)
    return _invite(session, row, email, actor=actor, now=now)


def _invite(
    session: Session, row: Assessment, email: str, *, actor: Actor, now: datetime
) -> Issued:
    token = new_token()
    invitation = Invitation(
        id=new_id(),
        assessment_id=row.id,
        email=email,
        token_hash=token_hash(token),
        issued_by=actor.id,
        issued_at=now,
        started_at=None,
        mailed_at=None,
        revoked_at=None,
    )
    session.add(invitation)
    session.flush()
    record(
        session,
        "invitation:issue",
        About(invitation.id, row.vendor_id, row.id),
        actor=actor,
        now=now,
        private={"email": email},
    )
    return Issued(row.id, invitation.id, email, token)


def issue_another(
    assessment_id: str, *, email: str, replace: bool, actor: Actor, now: datetime
) -> Issued:
    """Gives another link to an assessment that is with the vendor.

    With `replace` every earlier link is revoked in the same change: that is how the recipient is
    changed. Raises FieldRefused, WrongState, NotFound.
    """
    email = checked_email(email)
    with transaction() as session:
        row = locked(session, assessment_id)
        if State(row.state) not in WITH_VENDOR:
            raise WrongState(State(row.state), "another link")
        if replace:
            earlier = session.scalars(
                select(Invitation).where(
                    Invitation.assessment_id == row.id, Invitation.revoked_at.is_(None)
                )
            ).all()
            for invitation in earlier:
                _revoke(session, invitation, row, actor=actor, now=now)
        return _invite(session, row, email, actor=actor, now=now)


def revoke(invitation_id: str, *, assessment_id: str, actor: Actor, now: datetime) -> None:
    """Makes a link, and every browser that used it, open nothing more. Raises NotFound."""
    with transaction() as session:
        row = locked(session, assessment_id)
        invitation = session.get(Invitation, invitation_id)
        if invitation is None or invitation.assessment_id != assessment_id:
            raise NotFound
        if invitation.revoked_at is None:
            _revoke(session, invitation, row, actor=actor, now=now)


def _revoke(
    session: Session, invitation: Invitation, row: Assessment, *, actor: Actor, now: datetime
) -> None:
    invitation.revoked_at = now
    session.execute(
        update(RespondentSession)
        .where(RespondentSession.invitation_id == invitation.id)
        .values(expires_at=now)
    )
    record(
        session,
        "invitation:revoke",
        About(invitation.id, row.vendor_id, row.id),
        actor=actor,
        now=now,
    )


def mailed(invitation_id: str, *, now: datetime) -> None:
    """Notes that the mail server took the link's mail."""
    with transaction() as session:
        invitation, row = _held(session, invitation_id)
        invitation.mailed_at = now
        record(
            session,
            "invitation:mail",
            About(invitation.id, row.vendor_id, row.id),
            actor=Actor("operator", None),
            now=now,
        )


def _held(session: Session, invitation_id: str) -> tuple[Invitation, Assessment]:
    """A link as it stands once its assessment is locked, for a revocation may be under way."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound
    row = locked(session, invitation.assessment_id)
    session.refresh(invitation)
    return invitation, row


def start(invitation_id: str, *, now: datetime) -> str:
    """Start or Continue was pressed on an open link: gives the browser's session token.

    The first start moves the assessment to in-progress. Raises WrongState, NotFound.
    """
    token = new_token()
    with transaction() as session:
        invitation, row = _held(session, invitation_id)
        if invitation.revoked_at is not None:
            raise NotFound
        actor = Actor("respondent", invitation.id)
        if State(row.state) not in WITH_VENDOR:
            raise WrongState(State(row.state), "answering")
        if State(row.state) is State.ISSUED:
            move(session, row, State.IN_PROGRESS, actor=actor, now=now)
        if invitation.started_at is None:
            invitation.started_at = now
        opened = RespondentSession(
            id=new_id(),
            token_hash=token_hash(token),
            invitation_id=invitation.id,
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
        session.add(opened)
        session.flush()
        record(
            session,
            "invitation:start",
            About(invitation.id, row.vendor_id, row.id),
            actor=actor,
            now=now,
            browser=opened.id,
        )
    return token
