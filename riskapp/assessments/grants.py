"""What an auditor may see: a vendor, one assessment, or the list of all to sample from."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.accounts.permissions import Role
from riskapp.assessments.models import Assessment, Grant
from riskapp.audit.service import About, Actor, record
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.vendors.models import Vendor

LONGEST_GRANT = timedelta(days=366)
LONGEST_PURPOSE = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be granted. Without a vendor: the population list, and nothing else.

    `starts` and `until` are the first and the last day (UTC). Without `evidence` files are listed
    with their digests, and do not open.
    """

    person_id: str
    vendor_id: str | None
    assessment_id: str | None
    starts: date
    until: date
    evidence: bool
    purpose: str


def grant_access(wish: Wish, *, actor: Actor, now: datetime) -> str:
    """Lets an auditor in, and gives the grant's id. It ends by itself.

    A second press of the button gives the grant that is there: of two, taking one back would leave
    the other. Raises FieldRefused; NotFound for what does not exist or does not belong together.
    """
    with transaction() as session:
        return give(session, wish, actor=actor, now=now)


def give(session: Session, wish: Wish, *, actor: Actor, now: datetime) -> str:
    """The same in the caller's transaction."""
    purpose = _checked(wish, now.date())
    person = session.get(Person, wish.person_id, with_for_update=True)  # so does a second press
    if person is None or person.role != Role.AUDITOR or not person.active:
        raise FieldRefused("person", "Choose an auditor from the list.")
    if wish.vendor_id is not None and session.get(Vendor, wish.vendor_id) is None:
        raise NotFound
    if wish.assessment_id is not None:
        row = session.get(Assessment, wish.assessment_id)
        if row is None or row.vendor_id != wish.vendor_id:
            raise NotFound
    there = _same(session, wish, purpose, actor)
    if there is not None:
        return there
    grant = Grant(
        id=new_id(),
        person_id=wish.person_id,
        vendor_id=wish.vendor_id,
        assessment_id=wish.assessment_id,
        starts=wish.starts,
        until=wish.until,
        evidence=wish.evidence,
        purpose=purpose,
        granted_by=actor.id or "",
        granted_at=now,
        revoked_at=None,
    )
    session.add(grant)
    session.flush()
    record(
        session,
        "grant:give",
        About(grant.id, wish.vendor_id, wish.assessment_id),
        actor=actor,
        now=now,
        private={"person": wish.person_id, "purpose": purpose},
        starts=wish.starts.isoformat(),
        until=wish.until.isoformat(),
        evidence=wish.evidence,
    )
    return grant.id


def _same(session: Session, wish: Wish, purpose: str, actor: Actor) -> str | None:
    return session.scalar(
        select(Grant.id).where(
            Grant.person_id == wish.person_id,
            Grant.vendor_id.is_not_distinct_from(wish.vendor_id),
            Grant.assessment_id.is_not_distinct_from(wish.assessment_id),
            Grant.starts == wish.starts,
            Grant.until == wish.until,
            Grant.evidence == wish.evidence,
            Grant.purpose == purpose,
            Grant.granted_by == (actor.id or ""),
            Grant.revoked_at.is_(None),
        )
    )


def _checked(wish: Wish, today: date) -> str:
    """The purpose as it is kept. Raises FieldRefused."""
    if wish.starts < today:
        raise FieldRefused("starts", "Choose today or a later day.")
    if wish.until < wish.starts:
        raise FieldRefused("until", "The last day of access comes before the first one.")
    if wish.until - wish.starts > LONGEST_GRANT:
        raise FieldRefused("until", "Grant at most a year; it can be granted again.")
    if wish.starts - today > LONGEST_GRANT:
        raise FieldRefused("starts", "Choose a day within a year from now.")
    purpose = wish.purpose.replace("\0", " ").strip()
    if not purpose:
        raise FieldRefused("purpose", "Say what the auditor needs this for.")
    if len(purpose) > LONGEST_PURPOSE:
        raise FieldRefused("purpose", f"Use at most {LONGEST_PURPOSE} characters.")
    return purpose


def revoke_grant(grant_id: str, *, actor: Actor, now: datetime) -> None:
    """Ends access now. Raises NotFound."""
    with transaction() as session:
        grant = session.get(Grant, grant_id, with_for_update=True)
        if grant is None:
            raise NotFound
        if grant.revoked_at is None:
            grant.revoked_at = now
            record(
                session,
                "grant:revoke",
                About(grant_id, grant.vendor_id, grant.assessment_id),
                actor=actor,
                now=now,
            )
