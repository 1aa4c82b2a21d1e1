"""The versions of one file that an engagement's assessments rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from riskapp.accounts.models import Person
from riskapp.assessments.models import Assessment
from riskapp.evidence.models import Erasure, Evidence, EvidenceUse
from riskapp.evidence.scans import Scan


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version, and the newest assessment (no later than the one asked from) that it serves."""

    evidence_id: str
    version: int
    assessment_id: str
    cycle: int
    name: str
    media_type: str
    size: int
    sha256: str
    issued_on: date
    valid_until: date | None
    dates_at: datetime | None
    confirmed_by: str | None
    uploaded_at: datetime
    scan: Scan
    damage: str | None
    erased_at: datetime | None
    erasure_id: str | None
    erased_because: str | None

    @property
    def readable(self) -> bool:
        """Whether it may be opened: neither erased, nor in quarantine, nor infected."""
        return self.erased_at is None and self.scan.opens


def versions(session: Session, evidence_id: str, assessment_id: str) -> Sequence[VersionRow]:
    """The versions that were submitted in this assessment or an earlier one of its engagement.

    Oldest first, in one statement. Empty where none was.
    """
    here, other = aliased(Assessment), aliased(Assessment)
    seen = (
        select(EvidenceUse.version, func.max(other.cycle).label("cycle"), other.engagement_id)
        .join(other, other.id == EvidenceUse.assessment_id)
        .join(here, (here.engagement_id == other.engagement_id) & (here.cycle >= other.cycle))
        .where(here.id == assessment_id, EvidenceUse.evidence_id == evidence_id)
        .where(EvidenceUse.submitted)
        .group_by(EvidenceUse.version, other.engagement_id)
        .subquery()
    )
    query = (
        select(
            Evidence.id,
            Evidence.version,
            Assessment.id,
            seen.c.cycle,
            Evidence.name,
            Evidence.media_type,
            Evidence.size,
            Evidence.sha256,
            Evidence.issued_on,
            Evidence.valid_until,
            Evidence.dates_at,
            Person.name,
            Evidence.uploaded_at,
            Evidence.scan,
            Evidence.damage,
            Evidence.erased_at,
            Evidence.erasure_id,
            Erasure.reason,
        )
        .join(seen, seen.c.version == Evidence.version)
        .join(
            Assessment,
            (Assessment.engagement_id == seen.c.engagement_id) & (Assessment.cycle == seen.c.cycle),
        )
        .outerjoin(Person, Person.id == Evidence.dates_by)
        .outerjoin(Erasure, Erasure.id == Evidence.erasure_id)
        .where(Evidence.id == evidence_id)
        .order_by(Evidence.version)
    )
    return [_row(*row) for row in session.execute(query)]


def _row(*values: object) -> VersionRow:
    named: dict[str, Any] = dict(zip(VersionRow.__dataclass_fields__, values, strict=True))
    return VersionRow(**{**named, "scan": Scan(named["scan"])})
