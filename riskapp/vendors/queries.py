from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select, tuple_
from sqlalchemy.orm import Session

from riskapp.vendors.models import Contact, Engagement, Intake, Vendor

PAGE = 50
UNSCORED = "unscored"
"""What to ask for in place of a tier: vendors of which no live engagement is scored."""


@dataclass(frozen=True, slots=True)
class VendorRow:
    id: str
    name: str
    name_key: str
    country: str
    created_at: datetime
    tier: str | None
    """That of its worst live engagement."""
    shown: str | None


@dataclass(frozen=True, slots=True)
class Bought:
    """How many engagements a vendor has; `unscored` are the live ones that are not scored yet."""

    live: int
    unscored: int
    ended: int

    @property
    def scored(self) -> int:
        return self.live - self.unscored


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: str
    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class EngagementRow:
    id: str
    vendor_id: str
    vendor_name: str
    title: str
    description: str
    services: list[str]
    delivered_from: list[str]
    created_at: datetime
    intake_number: int | None
    inherent_score: str | None
    inherent_tier: str | None
    scored_by: str | None
    """The assessment whose score is the engagement's."""
    tier: str | None
    shown: str | None
    blocked: bool
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class IntakeRow:
    id: str
    number: int
    release_sha256: str
    answers: dict[str, Any]
    score: str
    tier: str
    saved_by: str | None
    saved_at: datetime


_VENDOR = (
    Vendor.id,
    Vendor.name,
    Vendor.name_key,
    Vendor.country,
    Vendor.created_at,
    Vendor.tier,
    Vendor.shown,
)


def vendors(
    session: Session,
    *,
    beginning: str = "",
    tier: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int = PAGE,
) -> Sequence[VendorRow]:
    """Vendors by name; those whose name begins with `beginning`; a page behind (name_key, id).

    `tier` leaves those of one tier, or the UNSCORED.
    """
    query = select(*_VENDOR).order_by(Vendor.name_key, Vendor.id).limit(limit)
    if beginning:
        key = beginning.casefold()
        # A range, not LIKE: it uses the index on both databases, and % in a name stays a %.
        query = query.where(Vendor.name_key >= key, Vendor.name_key < key + chr(0x10FFFF))
    if tier is not None:
        query = query.where(Vendor.tier.is_(None) if tier == UNSCORED else Vendor.tier == tier)
    if after is not None:
        query = query.where(tuple_(Vendor.name_key, Vendor.id) > tuple_(*after))
    return [VendorRow(*row) for row in session.execute(query)]


def vendor(session: Session, vendor_id: str) -> VendorRow | None:
    row = session.execute(select(*_VENDOR).where(Vendor.id == vendor_id)).first()
    return None if row is None else VendorRow(*row)


def contacts(session: Session, vendor_id: str) -> Sequence[ContactRow]:
    rows = session.execute(
        select(Contact.id, Contact.name, Contact.email, Contact.role)
        .where(Contact.vendor_id == vendor_id, Contact.removed_at.is_(None))
        .order_by(Contact.name, Contact.id)
    )
    return [ContactRow(*row) for row in rows]


def _select_engagements() -> Select[*tuple[Any, ...]]:
    return select(
        Engagement.id,
        Engagement.vendor_id,
        Vendor.name,
        Engagement.title,
        Engagement.description,
        Engagement.services,
        Engagement.delivered_from,
        Engagement.created_at,
        Engagement.intake_number,
        Engagement.inherent_score,
        Engagement.inherent_tier,
        Engagement.scored_by,
        Engagement.tier,
        Engagement.shown,
        Engagement.blocked,
        Engagement.ended_at,
    ).join(Vendor, Vendor.id == Engagement.vendor_id)


def engagements(
    session: Session,
    vendor_id: str,
    *,
    ended: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = PAGE,
) -> Sequence[EngagementRow]:
    """What is bought from a vendor, oldest first; a page of them behind (created_at, id).

    `ended` leaves those that have ended, or those that have not.
    """
    query = (
        _select_engagements()
        .where(Engagement.vendor_id == vendor_id)
        .order_by(Engagement.created_at, Engagement.id)
        .limit(limit)
    )
    if ended is not None:
        over = Engagement.ended_at.is_not(None)
        query = query.where(over if ended else ~over)
    if after is not None:
        query = query.where(tuple_(Engagement.created_at, Engagement.id) > tuple_(*after))
    return [EngagementRow(*row) for row in session.execute(query)]


def engagement(session: Session, engagement_id: str) -> EngagementRow | None:
    row = session.execute(_select_engagements().where(Engagement.id == engagement_id)).first()
    return None if row is None else EngagementRow(*row)


_INTAKE = (
    Intake.id,
    Intake.number,
    Intake.release_sha256,
    Intake.answers,
    Intake.score,
    Intake.tier,
    Intake.saved_by,
    Intake.saved_at,
)


def intake(session: Session, engagement_id: str) -> IntakeRow | None:
    """The newest intake of an engagement."""
    row = session.execute(
        select(*_INTAKE)
        .where(Intake.engagement_id == engagement_id)
        .order_by(Intake.number.desc())
        .limit(1)
    ).first()
    return None if row is None else IntakeRow(*row)


def intake_by_id(session: Session, intake_id: str) -> IntakeRow | None:
    row = session.execute(select(*_INTAKE).where(Intake.id == intake_id)).first()
    return None if row is None else IntakeRow(*row)


def bought(session: Session, vendor_id: str) -> Bought:
    """How many engagements of a vendor are live, not scored and ended. One statement."""
    live = Engagement.ended_at.is_(None)
    row = session.execute(
        select(
            func.count(case((live, 1))),
            func.count(case((live & Engagement.tier.is_(None), 1))),
            func.count(case((~live, 1))),
        ).where(Engagement.vendor_id == vendor_id)
    ).one()
    return Bought(*row)


def counts_by_tier(session: Session) -> dict[str, int]:
    """How many vendors stand in each tier, and how many are UNSCORED. One statement."""
    rows = session.execute(select(Vendor.tier, func.count()).group_by(Vendor.tier))
    return {row[0] or UNSCORED: row[1] for row in rows}


def count_vendors(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Vendor)) or 0
