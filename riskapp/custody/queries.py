"""Erasures and legal holds, to be read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Exists, Row, ScalarSelect, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from riskapp.accounts.models import Person
from riskapp.assessments.models import Assessment
from riskapp.custody.certificates import Scope
from riskapp.evidence.models import Erasure, Evidence, EvidenceUse, LegalHold
from riskapp.vendors.models import Engagement, Vendor

PAGE = 50


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A legal hold, over one file or (`evidence_id` None) over all of a vendor."""

    id: str
    vendor_id: str
    evidence_id: str | None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str
    file_name: str | None
    """Of its newest version that was submitted and is not erased"""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure, as lists show it. `person` is None where nobody did it but a rule."""

    id: str
    vendor_id: str
    scope: Scope
    reason: str
    asked_by: str
    person: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """An erasure with its certificate and the signature over it."""

    row: ErasureRow
    vendor_name: str
    certificate: str
    signature: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file that may be erased; `name` is None until the vendor submits it."""

    evidence_id: str
    version: int
    name: str | None
    size: int
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Loser:
    """An answer that loses a file, and where its assessment stands. `tier`: None, never scored."""

    assessment_id: str
    engagement_title: str
    cycle: int
    state: str
    tier: str | None
    shown: str | None
    question_id: str
    live: bool
    """Whether the file serves the answer now; it did once otherwise."""
    submitted: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a vendor an erasure takes."""

    files: int
    versions: int
    size: int


def holds(
    session: Session,
    vendor_id: str,
    evidence_id: str | None = None,
    *,
    live: bool = False,
    before: tuple[datetime, str] | None = None,
) -> Sequence[HoldRow]:
    """The holds of a vendor, newest first, a page of them after (time, id).

    With `evidence_id` those that cover this file; `live` leaves out what was lifted.
    """
    query = (
        _holds(vendor_id, evidence_id)
        .order_by(LegalHold.placed_at.desc(), LegalHold.id.desc())
        .limit(PAGE)
    )
    if live:
        query = query.where(LegalHold.lifted_at.is_(None))
    if before is not None:
        query = query.where(tuple_(LegalHold.placed_at, LegalHold.id) < tuple_(*before))
    return [_hold(row) for row in session.execute(query)]


def hold_ids(session: Session, vendor_id: str, evidence_id: str) -> Sequence[str]:
    """All holds that ever covered a file."""
    query = _holds(vendor_id, evidence_id).with_only_columns(LegalHold.id)
    return session.scalars(query).all()


def hold(session: Session, vendor_id: str, hold_id: str) -> HoldRow | None:
    row = session.execute(_holds(vendor_id).where(LegalHold.id == hold_id)).first()
    return None if row is None else _hold(row)


def _holds(vendor_id: str, evidence_id: str | None = None) -> Select[*tuple[object, ...]]:
    placer, lifter = aliased(Person), aliased(Person)
    query = (
        select(
            LegalHold.id,
            LegalHold.vendor_id,
            LegalHold.evidence_id,
            LegalHold.reason,
            placer.name,
            LegalHold.placed_at,
            lifter.name,
            LegalHold.lifted_at,
            LegalHold.lift_reason,
            _held_name(),
        )
        .join(placer, placer.id == LegalHold.placed_by)
        .outerjoin(lifter, lifter.id == LegalHold.lifted_by)
        .where(LegalHold.vendor_id == vendor_id)
    )
    if evidence_id is not None:
        mine = LegalHold.evidence_id == evidence_id
        query = query.where(or_(LegalHold.evidence_id.is_(None), mine))
    return query


def _hold(row: Row[*tuple[object, ...]]) -> HoldRow:
    return HoldRow(*row)  # type: ignore[arg-type]  # as selected


def _held_name() -> ScalarSelect[str]:
    newest = Evidence.version.desc()
    mine = (Evidence.id == LegalHold.evidence_id, Evidence.erased_at.is_(None), _submitted())
    return select(Evidence.name).where(*mine).order_by(newest).limit(1).scalar_subquery()


def _submitted() -> Exists:
    """That a version was submitted: what is a draft stays the vendor's own, its name too."""
    return (
        select(EvidenceUse.id)
        .where(
            EvidenceUse.evidence_id == Evidence.id,
            EvidenceUse.version == Evidence.version,
            EvidenceUse.submitted,
        )
        .exists()
    )


def erasures(
    session: Session, vendor_id: str, before: tuple[datetime, str] | None = None
) -> Sequence[ErasureRow]:
    """The erasures of a vendor, newest first, a page of them after (time, id)."""
    query = (
        _erasures()
        .where(Erasure.vendor_id == vendor_id)
        .order_by(Erasure.at.desc(), Erasure.id.desc())
        .limit(PAGE)
    )
    if before is not None:
        query = query.where(tuple_(Erasure.at, Erasure.id) < tuple_(*before))
    return [_erasure(row) for row in session.execute(query)]


def erasure(session: Session, erasure_id: str) -> ErasurePage | None:
    query = (
        _erasures()
        .add_columns(Vendor.name, Erasure.certificate, Erasure.signature)
        .join(Vendor, Vendor.id == Erasure.vendor_id)
        .where(Erasure.id == erasure_id)
    )
    row = session.execute(query).first()
    return None if row is None else ErasurePage(_erasure(row), row[7], row[8], row[9])


def _erasures() -> Select[*tuple[object, ...]]:
    return select(
        Erasure.id,
        Erasure.vendor_id,
        Erasure.scope,
        Erasure.reason,
        Erasure.asked_by,
        Person.name,
        Erasure.at,
    ).outerjoin(Person, Person.id == Erasure.person_id)


def _erasure(row: Row[*tuple[object, ...]]) -> ErasureRow:
    made = ErasureRow(*row[:7])  # type: ignore[arg-type]  # as selected
    return replace(made, scope=Scope(made.scope))


def versions_left(session: Session, vendor_id: str, evidence_id: str) -> Sequence[Version]:
    """The versions of one file that are not erased, oldest first."""
    name = case((_submitted(), Evidence.name))
    rows = session.execute(
        select(Evidence.id, Evidence.version, name, Evidence.size, Evidence.uploaded_at)
        .where(
            Evidence.id == evidence_id,
            Evidence.vendor_id == vendor_id,
            Evidence.erased_at.is_(None),
        )
        .order_by(Evidence.version)
    )
    return [Version(*row) for row in rows]


def was_there(session: Session, vendor_id: str, evidence_id: str) -> bool:
    """Whether the vendor ever gave such a file, be it erased or not."""
    query = select(Evidence.id).where(Evidence.id == evidence_id, Evidence.vendor_id == vendor_id)
    return session.scalar(query.limit(1)) is not None


def extent(session: Session, vendor_id: str) -> Extent:
    """What is left of a vendor's files."""
    row = session.execute(
        select(
            func.count(Evidence.id.distinct()),
            func.count(),
            func.coalesce(func.sum(Evidence.size), 0),
        ).where(Evidence.vendor_id == vendor_id, Evidence.erased_at.is_(None))
    ).one()
    return Extent(row[0], row[1], int(row[2]))


def losers(
    session: Session, vendor_id: str, evidence_ids: Collection[str] | None = None
) -> Sequence[Loser]:
    """The answers that lose a file when these (None: all of the vendor's) are erased.

    By engagement, cycle and question; each once.
    """
    now = EvidenceUse.ended_at.is_(None)
    query = (
        select(
            Assessment.id,
            Engagement.title,
            Assessment.cycle,
            Assessment.state,
            Assessment.tier,
            Assessment.shown,
            EvidenceUse.question_id,
            func.count().filter(now),
            func.count().filter(EvidenceUse.submitted),
        )
        .select_from(Evidence)
        .join(
            EvidenceUse,
            and_(EvidenceUse.evidence_id == Evidence.id, EvidenceUse.version == Evidence.version),
        )
        .join(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .where(Evidence.vendor_id == vendor_id, Evidence.erased_at.is_(None))
        .group_by(
            Assessment.id,
            Engagement.title,
            Assessment.cycle,
            Assessment.state,
            Assessment.tier,
            Assessment.shown,
            EvidenceUse.question_id,
        )
        .order_by(Engagement.title, Assessment.cycle, Assessment.id, EvidenceUse.question_id)
    )
    if evidence_ids is not None:
        query = query.where(Evidence.id.in_(evidence_ids))
    return [Loser(*row[:7], bool(row[7]), bool(row[8])) for row in session.execute(query)]
