from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.assessments.models import Assessment, AssessmentRelease, Grant
from riskapp.assessments.rules import State
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.releases.queries import texts
from riskapp.vendors.models import Engagement, Vendor

PAGE = 50


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    id: str
    vendor_id: str
    vendor_name: str
    engagement_id: str
    engagement_title: str
    cycle: int
    state: State
    due: date
    intake_id: str
    facts: dict[str, Any]
    choice_reason: str
    cancel_reason: str
    created_at: datetime
    submissions: int
    submitted_at: datetime | None
    returned_at: datetime | None
    receipts: int
    tier: str | None
    shown: str | None
    blocked: bool
    outcome: str | None
    erased_at: datetime | None
    inherent_tier: str | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    id: str
    person_id: str
    person_name: str
    vendor_id: str | None
    assessment_id: str | None
    starts: date
    until: date
    evidence: bool
    purpose: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    state: State | None = None
    tier: str | None = None
    vendor_id: str | None = None
    engagement_id: str | None = None


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Assessment.id,
            Assessment.vendor_id,
            Vendor.name.label("vendor_name"),
            Assessment.engagement_id,
            Engagement.title.label("engagement_title"),
            Assessment.cycle,
            Assessment.state,
            Assessment.due,
            Assessment.intake_id,
            Assessment.facts,
            Assessment.choice_reason,
            Assessment.cancel_reason,
            Assessment.created_at,
            Assessment.submissions,
            Assessment.submitted_at,
            Assessment.returned_at,
            Assessment.receipts,
            Assessment.tier,
            Assessment.shown,
            Assessment.blocked,
            Assessment.outcome,
            Assessment.erased_at,
            Engagement.inherent_tier,
        )
        .join(Vendor, Vendor.id == Assessment.vendor_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
    )


def _row(row: Row[*tuple[Any, ...]]) -> AssessmentRow:
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return AssessmentRow(**{**known, "state": State(known["state"])})


def assessments(
    session: Session,
    chosen: Filter = Filter(),
    *,
    before: tuple[datetime, str] | None = None,
    limit: int | None = PAGE,
) -> Sequence[AssessmentRow]:
    """Assessments, newest first; a page of them behind (created_at, id); None: all of them."""
    query = _select().order_by(Assessment.created_at.desc(), Assessment.id.desc()).limit(limit)
    if chosen.state is not None:
        query = query.where(Assessment.state == chosen.state)
    if chosen.tier is not None:
        query = query.where(Assessment.tier == chosen.tier)
    if chosen.vendor_id is not None:
        query = query.where(Assessment.vendor_id == chosen.vendor_id)
    if chosen.engagement_id is not None:
        query = query.where(Assessment.engagement_id == chosen.engagement_id)
    if before is not None:
        query = query.where(tuple_(Assessment.created_at, Assessment.id) < tuple_(*before))
    return [_row(values) for values in session.execute(query)]


def assessment(session: Session, assessment_id: str) -> AssessmentRow | None:
    values = session.execute(_select().where(Assessment.id == assessment_id)).first()
    return None if values is None else _row(values)


def next_cycle(session: Session, engagement_id: str) -> int:
    """The number that the next assessment of an engagement gets."""
    taken = session.scalar(select(func.count()).where(Assessment.engagement_id == engagement_id))
    return (taken or 0) + 1


def counts(session: Session) -> tuple[dict[State, int], dict[str, int]]:
    """How many assessments stand in each state, and in each tier. Two statements."""
    states = session.execute(select(Assessment.state, func.count()).group_by(Assessment.state))
    tiers = session.execute(select(Assessment.tier, func.count()).group_by(Assessment.tier))
    return (
        {State(row[0]): row[1] for row in states},
        {row[0]: row[1] for row in tiers if row[0] is not None},
    )


_RELEASES = (
    select(AssessmentRelease.sha256, AssessmentRelease.questions)
    .where(AssessmentRelease.assessment_id == bindparam("assessment"))
    .order_by(AssessmentRelease.position)
)


def releases(session: Session, library: Library, assessment_id: str) -> list[Release]:
    """The exact releases that the assessment was drawn up with, in their order.

    Each with the questions only that are asked of it.
    """
    rows = session.connection().execute(_RELEASES, {"assessment": assessment_id}).all()
    known = texts(session, library, [row.sha256 for row in rows])
    return [library.narrowed(known[row.sha256], row.questions) for row in rows]


def _grants() -> Select[*tuple[Any, ...]]:
    return select(
        Grant.id,
        Grant.person_id,
        Person.name,
        Grant.vendor_id,
        Grant.assessment_id,
        Grant.starts,
        Grant.until,
        Grant.evidence,
        Grant.purpose,
        Grant.granted_by,
        Grant.granted_at,
    ).join(Person, Person.id == Grant.person_id)


def grants_of_vendor(session: Session, vendor_id: str, *, today: date) -> Sequence[GrantRow]:
    """Grants in force that touch a vendor."""
    query = (
        _grants()
        .where(Grant.vendor_id == vendor_id, Grant.revoked_at.is_(None), Grant.until >= today)
        .order_by(Grant.until)
        .limit(200)
    )
    return [GrantRow(*row) for row in session.execute(query)]


def _granted(person_id: str, today: date) -> Any:  # noqa: ANN401 - an SQL expression
    return and_(
        Grant.person_id == person_id,
        Grant.revoked_at.is_(None),
        Grant.starts <= today,
        Grant.until >= today,
        Grant.vendor_id == Assessment.vendor_id,
        or_(Grant.assessment_id.is_(None), Grant.assessment_id == Assessment.id),
    )


def granted_assessments(
    session: Session,
    person_id: str,
    *,
    today: date,
    vendor_id: str | None = None,
    before: tuple[datetime, str] | None = None,
) -> Sequence[AssessmentRow]:
    """What an auditor may see today, newest first. Drafts are nobody's business yet."""
    query = (
        _select()
        .where(
            select(Grant.id).where(_granted(person_id, today)).exists(),
            Assessment.state != State.DRAFT,
        )
        .order_by(Assessment.created_at.desc(), Assessment.id.desc())
        .limit(PAGE)
    )
    if vendor_id is not None:
        query = query.where(Assessment.vendor_id == vendor_id)
    if before is not None:
        query = query.where(tuple_(Assessment.created_at, Assessment.id) < tuple_(*before))
    return [_row(values) for values in session.execute(query)]


def granted_assessment(
    session: Session, person_id: str, assessment_id: str, *, today: date
) -> AssessmentRow | None:
    """One assessment, if it is granted to this person today."""
    values = session.execute(
        _select().where(
            Assessment.id == assessment_id,
            Assessment.state != State.DRAFT,
            select(Grant.id).where(_granted(person_id, today)).exists(),
        )
    ).first()
    return None if values is None else _row(values)


def grant_for(
    session: Session, person_id: str, assessment_id: str, *, today: date
) -> GrantRow | None:
    """The grant by which a person sees an assessment.

    Of several, one that opens files too; of those, the one that lasts longest.
    """
    row = session.execute(
        _grants()
        .join(Assessment, Assessment.id == assessment_id)
        .where(_granted(person_id, today))
        .order_by(Grant.evidence.desc(), Grant.until.desc(), Grant.id)
        .limit(1)
    ).first()
    return None if row is None else GrantRow(*row)
