from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.evidence.models import Erasure, Evidence, EvidenceUse
from riskapp.evidence.scans import Scan


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A file as it serves one question."""

    use_id: str
    question_id: str
    evidence_id: str
    version: int
    vendor_id: str
    blob: str
    name: str
    media_type: str
    size: int
    sha256: str
    crc32: int
    issued_on: date
    valid_until: date | None
    dates_at: datetime | None
    confirmed_by: str | None
    """The officer who confirmed the days, by name; None: they are as the vendor states them."""
    uploaded_at: datetime
    scan: Scan
    scan_note: str
    damage: str | None
    erased_at: datetime | None
    erasure_id: str | None
    erased_because: str | None
    level: str
    added_at: datetime
    ended_at: datetime | None
    submitted: bool

    @property
    def readable(self) -> bool:
        """Whether it may be opened: neither erased, nor in quarantine, nor infected."""
        return self.erased_at is None and self.scan.opens

    @property
    def counts(self) -> bool:
        """Whether a score looks at it; what nobody may open proves nothing."""
        return self.erased_at is not None or self.scan.opens

    @property
    def level_counted(self) -> str:
        """The level as scores take it: `erased` where the file is gone."""
        return self.level if self.erased_at is None else "erased"


def of_assessment(
    session: Session, assessment_id: str, *, with_ended: bool = False
) -> Sequence[EvidenceRow]:
    """The files on an assessment in the order in which they came, in one statement.

    `with_ended` adds what was submitted once and replaced or removed since.
    """
    query = (
        select(
            EvidenceUse.id,
            EvidenceUse.question_id,
            Evidence.id,
            Evidence.version,
            Evidence.vendor_id,
            Evidence.blob,
            Evidence.name,
            Evidence.media_type,
            Evidence.size,
            Evidence.sha256,
            Evidence.crc32,
            Evidence.issued_on,
            Evidence.valid_until,
            Evidence.dates_at,
            Person.name,
            Evidence.uploaded_at,
            Evidence.scan,
            Evidence.scan_note,
            Evidence.damage,
            Evidence.erased_at,
            Evidence.erasure_id,
            Erasure.reason,
            EvidenceUse.level,
            EvidenceUse.added_at,
            EvidenceUse.ended_at,
            EvidenceUse.submitted,
        )
        .join(
            Evidence,
            (EvidenceUse.evidence_id == Evidence.id) & (EvidenceUse.version == Evidence.version),
        )
        .outerjoin(Erasure, Erasure.id == Evidence.erasure_id)
        .outerjoin(Person, Person.id == Evidence.dates_by)
        .where(
            EvidenceUse.assessment_id == assessment_id,
            or_(EvidenceUse.ended_at.is_(None), EvidenceUse.submitted),
        )
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )
    if not with_ended:
        query = query.where(EvidenceUse.ended_at.is_(None))
    return [_row(*row) for row in session.execute(query)]


def _row(*values: object) -> EvidenceRow:
    named: dict[str, Any] = dict(zip(EvidenceRow.__dataclass_fields__, values, strict=True))
    return EvidenceRow(**{**named, "scan": Scan(named["scan"])})


def by_question(rows: Sequence[EvidenceRow]) -> dict[str, list[EvidenceRow]]:
    found: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        found.setdefault(row.question_id, []).append(row)
    return found


def blob_known(session: Session, blob: str) -> bool:
    """Whether a row of this database points to the blob."""
    return session.scalar(select(Evidence.id).where(Evidence.blob == blob)) is not None
