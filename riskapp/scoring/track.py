"""The scores of an engagement through all its cycles: where they were, and what moved them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment, AssessmentRelease
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.releases.queries import texts
from riskapp.scoring.models import StoredReceipt

PAGE = 50
MOST_MARKS = 2_000

Behind = tuple[datetime, int, int]
"""Where a page ended: when the receipt was made, its cycle and number."""


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A receipt as a curve needs it."""

    as_of: date
    tier: str
    shown: str


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A receipt without its document; `moved` as `moves.moved` wrote it."""

    assessment_id: str
    cycle: int
    number: int
    as_of: date
    cause: str
    tier: str
    shown: str
    scheme: str
    moved: list[dict[str, Any]]
    created_at: datetime

    @property
    def behind(self) -> Behind:
        return self.created_at, self.cycle, self.number


_ORDER = (StoredReceipt.created_at, Assessment.cycle, StoredReceipt.number)
_NEWEST_FIRST = tuple(column.desc() for column in _ORDER)


def marks(session: Session, engagement_id: str) -> Sequence[MarkRow]:
    """Where the score of an engagement was, oldest first; the newest 2,000 receipts at most."""
    rows = session.execute(
        select(StoredReceipt.as_of, StoredReceipt.tier, StoredReceipt.shown)
        .join(Assessment, Assessment.id == StoredReceipt.assessment_id)
        .where(Assessment.engagement_id == engagement_id)
        .order_by(*_NEWEST_FIRST)
        .limit(MOST_MARKS)
    ).all()
    return [MarkRow(*row) for row in reversed(rows)]


def track(
    session: Session, engagement_id: str, *, behind: Behind | None = None, limit: int = PAGE
) -> Sequence[TrackRow]:
    """The receipts of an engagement, newest first; a page of them behind one."""
    query = (
        select(
            StoredReceipt.assessment_id,
            Assessment.cycle,
            StoredReceipt.number,
            StoredReceipt.as_of,
            StoredReceipt.cause,
            StoredReceipt.tier,
            StoredReceipt.shown,
            StoredReceipt.scheme,
            StoredReceipt.moved,
            StoredReceipt.created_at,
        )
        .join(Assessment, Assessment.id == StoredReceipt.assessment_id)
        .where(Assessment.engagement_id == engagement_id)
        .order_by(*_NEWEST_FIRST)
        .limit(limit)
    )
    if behind is not None:
        query = query.where(tuple_(*_ORDER) < tuple_(*behind))
    return [TrackRow(*row) for row in session.execute(query)]


def releases_asked(session: Session, library: Library, engagement_id: str) -> list[Release]:
    """Every release that an engagement was asked, those of its last cycle first. Whole ones."""
    rows = session.execute(
        select(AssessmentRelease.sha256)
        .join(Assessment, Assessment.id == AssessmentRelease.assessment_id)
        .where(Assessment.engagement_id == engagement_id)
        .order_by(Assessment.cycle.desc(), AssessmentRelease.position)
    )
    shas = list(dict.fromkeys(row.sha256 for row in rows))
    known = texts(session, library, shas)
    return [known[sha] for sha in shas if sha in known]
