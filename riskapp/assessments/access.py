"""Who may see what, and from when until when: grants with the names that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from riskapp.accounts.models import Person
from riskapp.assessments.models import Assessment, Grant
from riskapp.assessments.rules import State
from riskapp.vendors.models import Engagement, Vendor

PAGE = 50
MOST_AT_ONCE = 200
"""So many grants of one auditor are shown together; nobody has as many at a time."""


class Standing(StrEnum):
    """Where a grant stands on a day; the days of a grant are UTC days."""

    IN_FORCE = "in-force"
    COMING = "coming"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Access:
    """A grant in full. Without a vendor it is over the population list."""

    id: str
    person_id: str
    person_name: str
    person_active: bool
    vendor_id: str | None
    vendor_name: str | None
    assessment_id: str | None
    engagement_title: str | None
    cycle: int | None
    draft: bool
    """Whether the assessment is not sent yet, and so nobody's business."""
    starts: date
    until: date
    evidence: bool
    purpose: str
    granted_by_name: str | None
    granted_at: datetime
    revoked_at: datetime | None

    def standing(self, today: date) -> Standing:
        if self.revoked_at is not None:
            return Standing.REVOKED
        if today < self.starts:
            return Standing.COMING
        return Standing.ENDED if self.until < today else Standing.IN_FORCE


def stands(standing: Standing, today: date) -> ColumnElement[bool]:
    """The same as `Access.standing`, for the database."""
    if standing is Standing.REVOKED:
        return Grant.revoked_at.is_not(None)
    days = {
        Standing.IN_FORCE: and_(Grant.starts <= today, Grant.until >= today),
        Standing.COMING: Grant.starts > today,
        Standing.ENDED: Grant.until < today,
    }
    return and_(Grant.revoked_at.is_(None), days[standing])


def _select() -> Select[*tuple[Any, ...]]:
    giver = aliased(Person)
    return (
        select(
            Grant.id,
            Grant.person_id,
            Person.name,
            Person.active,
            Grant.vendor_id,
            Vendor.name,
            Grant.assessment_id,
            Engagement.title,
            Assessment.cycle,
            func.coalesce(Assessment.state == State.DRAFT, false()),
            Grant.starts,
            Grant.until,
            Grant.evidence,
            Grant.purpose,
            giver.name,
            Grant.granted_at,
            Grant.revoked_at,
        )
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(giver, giver.id == Grant.granted_by)
        .outerjoin(Vendor, Vendor.id == Grant.vendor_id)
        .outerjoin(Assessment, Assessment.id == Grant.assessment_id)
        .outerjoin(Engagement, Engagement.id == Assessment.engagement_id)
    )


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[Access]:
    return [Access(*row) for row in session.execute(query)]


def access(session: Session, grant_id: str) -> Access | None:
    """One grant, whether or not it is in force."""
    found = _rows(session, _select().where(Grant.id == grant_id))
    return found[0] if found else None


def all_access(
    session: Session,
    standing: Standing | None,
    *,
    today: date,
    before: tuple[datetime, str] | None = None,
) -> Sequence[Access]:
    """Everybody's grants, those given last first; a page of them behind (granted_at, id)."""
    query = _select() if standing is None else _select().where(stands(standing, today))
    return _rows(session, _paged(query, before))


def past_access(
    session: Session,
    person_id: str,
    *,
    today: date,
    before: tuple[datetime, str] | None = None,
) -> Sequence[Access]:
    """What was granted to somebody and is not any more, those given last first; a page of it."""
    over = or_(stands(Standing.ENDED, today), stands(Standing.REVOKED, today))
    query = _select().where(Grant.person_id == person_id, over)
    return _rows(session, _paged(query, before))


def _paged(
    query: Select[*tuple[Any, ...]], before: tuple[datetime, str] | None
) -> Select[*tuple[Any, ...]]:
    if before is not None:
        query = query.where(tuple_(Grant.granted_at, Grant.id) < tuple_(*before))
    return query.order_by(Grant.granted_at.desc(), Grant.id.desc()).limit(PAGE)


def present_access(session: Session, person_id: str, *, today: date) -> Sequence[Access]:
    """What is granted to somebody today or from a later day on: what ends first, first."""
    live = or_(stands(Standing.IN_FORCE, today), stands(Standing.COMING, today))
    return _rows(
        session,
        _select()
        .where(Grant.person_id == person_id, live)
        .order_by(Grant.starts > today, Grant.until, Grant.id)
        .limit(MOST_AT_ONCE),
    )


def _best(session: Session, *where: ColumnElement[bool]) -> Access | None:
    """Where several grants open the same: one that opens files too, and then the longest."""
    found = _rows(
        session,
        _select()
        .where(*where)
        .order_by(Grant.evidence.desc(), Grant.until.desc(), Grant.id)
        .limit(1),
    )
    return found[0] if found else None


def population_access(session: Session, person_id: str, *, today: date) -> Access | None:
    """The grant by which somebody may take samples from the list of all, today."""
    return _best(
        session,
        Grant.person_id == person_id,
        stands(Standing.IN_FORCE, today),
        Grant.vendor_id.is_(None),
    )


def vendor_access(
    session: Session, person_id: str, vendor_id: str, *, today: date
) -> Access | None:
    """The grant by which somebody sees all of a vendor, today; one assessment is not enough."""
    return _best(
        session,
        Grant.person_id == person_id,
        stands(Standing.IN_FORCE, today),
        Grant.vendor_id == vendor_id,
        Grant.assessment_id.is_(None),
    )


def knows(
    session: Session, person_id: str, vendor_id: str, assessment_id: str | None, *, today: date
) -> bool:
    """Whether an auditor was told that this vendor, or this assessment of it, exists.

    By any grant that names it, also one that is over; by one over its vendor; by the list of all.
    """
    named = Grant.vendor_id == vendor_id
    whole = and_(named, Grant.assessment_id.is_(None), stands(Standing.IN_FORCE, today))
    everything = and_(Grant.vendor_id.is_(None), stands(Standing.IN_FORCE, today))
    this = named if assessment_id is None else Grant.assessment_id == assessment_id
    draft = false() if assessment_id is None else _is_draft(assessment_id)
    query = select(Grant.id).where(
        Grant.person_id == person_id, or_(this, and_(whole, ~draft), everything)
    )
    return session.scalar(query.limit(1)) is not None


def _is_draft(assessment_id: str) -> ColumnElement[bool]:
    """Drafts are nobody's business, but for the list of all, which counts them."""
    return (
        select(Assessment.id)
        .where(Assessment.id == assessment_id, Assessment.state == State.DRAFT)
        .exists()
    )
