"""Using a file a second time: what a vendor may put on a question without sending it again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session, aliased

from riskapp.assessments.models import Assessment
from riskapp.assessments.service import locked
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.sentences import Sentence
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.evidence.placing import Place, ensure_open
from riskapp.evidence.scans import Scan
from riskapp.evidence.uses import put_on
from riskapp.vendors.models import Engagement

MOST = 100
"""So many are offered, the newest first: more than a vendor sends for one engagement."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that is there; `questions` are those of this assessment that it serves already."""

    evidence_id: str
    version: int
    name: str
    size: int
    issued_on: date
    valid_until: date | None
    dates_at: datetime | None
    uploaded_at: datetime
    scan: Scan
    questions: tuple[str, ...]

    @property
    def ref(self) -> str:
        """How a form names it."""
        return f"{self.evidence_id}/{self.version}"


def offers(session: Session, assessment_id: str, question_id: str) -> list[Offer]:
    """The files that a vendor can put on a question, the newest first, in one statement.

    Those on this assessment, and those that were submitted in earlier cycles of its engagement: of
    each the newest version, unless it is on the question, erased, damaged, infected, or was
    rejected wherever it was used.
    """
    uses: dict[str, list[Row[Any]]] = {}
    for row in session.execute(_uses(assessment_id)):
        uses.setdefault(row.id, []).append(row)
    found = []
    for rows in uses.values():
        here = [row.question_id for row in rows if row.assessment_id == assessment_id]
        newest = max(row.version for row in rows)
        usable = [row for row in rows if row.version == newest and _usable(row)]
        if usable and question_id not in here:
            found.append(_offer(usable[0], here))
    return sorted(found, key=lambda one: (one.uploaded_at, one.evidence_id), reverse=True)[:MOST]


def _uses(assessment_id: str) -> Any:  # noqa: ANN401 - a select of many columns
    this = aliased(Assessment)
    return (
        select(
            Evidence.id,
            Evidence.version,
            Evidence.name,
            Evidence.size,
            Evidence.issued_on,
            Evidence.valid_until,
            Evidence.dates_at,
            Evidence.uploaded_at,
            Evidence.scan,
            Evidence.damage,
            Evidence.erased_at,
            EvidenceUse.level,
            EvidenceUse.assessment_id,
            EvidenceUse.question_id,
        )
        .join(
            EvidenceUse,
            and_(EvidenceUse.evidence_id == Evidence.id, EvidenceUse.version == Evidence.version),
        )
        .join(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .join(this, this.engagement_id == Assessment.engagement_id)
        .where(
            this.id == assessment_id,
            EvidenceUse.ended_at.is_(None),
            or_(
                Assessment.id == this.id,
                and_(Assessment.cycle < this.cycle, EvidenceUse.submitted),
            ),
        )
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )


def _usable(row: Row[Any]) -> bool:
    return (
        row.erased_at is None
        and row.damage is None
        and row.scan != Scan.INFECTED
        and row.level != "rejected"
    )


def _offer(row: Row[Any], questions: Sequence[str]) -> Offer:
    return Offer(
        row.id,
        row.version,
        row.name,
        row.size,
        row.issued_on,
        row.valid_until,
        row.dates_at,
        row.uploaded_at,
        Scan(row.scan),
        tuple(dict.fromkeys(questions)),
    )


def use_again(refs: Collection[str], place: Place, *, now: datetime) -> int:
    """Puts files that are there on a question, and says how many; a second press puts on none.

    `refs` are those of `offers`. Raises FieldRefused where none is chosen, EvidenceClosed, and
    NotFound for a file that is not offered here: then none is put on.
    """
    if not refs:
        raise FieldRefused("again", Sentence("Choose the files that prove this answer too."))
    with transaction() as session:
        _hold_offers(session, locked(session, place.assessment_id))
        ensure_open(session, place)
        offered = {one.ref: one for one in offers(session, place.assessment_id, place.question_id)}
        wanted = set(refs) - _on(session, place)
        if not wanted <= offered.keys():
            raise NotFound
        for ref in sorted(wanted, key=list(offered).index):
            put_on(session, offered[ref].evidence_id, offered[ref].version, place, now)
        return len(wanted)


def _hold_offers(session: Session, row: Assessment) -> None:
    """Waits for whoever erases or judges a file of the engagement, and keeps the next one waiting.

    They hold what uses the file; a use that they could not see would go on with what is gone.
    """
    query = select(Engagement.id).where(Engagement.id == row.engagement_id)
    session.execute(query.with_for_update())


def _on(session: Session, place: Place) -> set[str]:
    """What lies on the question now."""
    rows = session.execute(
        select(EvidenceUse.evidence_id, EvidenceUse.version).where(
            EvidenceUse.assessment_id == place.assessment_id,
            EvidenceUse.question_id == place.question_id,
            EvidenceUse.ended_at.is_(None),
        )
    )
    return {f"{evidence_id}/{version}" for evidence_id, version in rows}
