"""Files across vendors, for officers: what runs out, what waits for the scanner, what is damaged.

Only of what was submitted: a draft is nobody's business but the vendor's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.assessments.models import Assessment
from riskapp.evidence.models import Erasure, Evidence, EvidenceUse
from riskapp.evidence.rules import SOON
from riskapp.evidence.scans import Scan
from riskapp.vendors.models import Engagement, Vendor

PAGE = 50
FILES = 20
"""So many files of a vendor are a page, each with all its versions."""

Behind = tuple[str, str, int]
"""Where a page ended: the day or time it is sorted by as ISO text, evidence id, version."""


class Watch(StrEnum):
    """What an officer can look for; `ending` is what expired and what soon will."""

    ENDING = "ending"
    EXPIRED = "expired"
    SOON = "soon"
    QUARANTINED = "quarantined"
    DAMAGED = "damaged"

    @property
    def by_day(self) -> bool:
        """Whether it is sorted by the last day of validity; by the time of arrival otherwise."""
        return self in {Watch.ENDING, Watch.EXPIRED, Watch.SOON}


@dataclass(frozen=True, slots=True)
class Serving:
    """An answer that a version serves or, with `ended_at`, served."""

    evidence_id: str
    version: int
    assessment_id: str
    engagement_title: str
    cycle: int
    question_id: str
    level: str
    added_at: datetime
    ended_at: datetime | None
    submitted: bool
    live: bool
    """Whether the engagement is scored by that assessment, and is not over"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One version of a file, with who stands for its days and what it serves."""

    evidence_id: str
    version: int
    vendor_id: str
    vendor_name: str
    name: str
    media_type: str
    size: int
    issued_on: date
    valid_until: date | None
    dates_at: datetime | None
    confirmed_by: str | None
    uploaded_at: datetime
    scan: Scan
    scan_note: str
    damage: str | None
    erased_at: datetime | None
    erasure_id: str | None
    erased_because: str | None
    uses: tuple[Serving, ...]

    @property
    def submitted(self) -> bool:
        return any(use.submitted for use in self.uses)

    @property
    def seen_in(self) -> Serving | None:
        """The newest submitted use: where an officer may look at it."""
        return next((use for use in reversed(self.uses) if use.submitted), None)


def watched(
    session: Session, watch: Watch, today: date, behind: Behind | None = None
) -> list[FileRow]:
    """A page of the files that are watched for: what ends first, or came first, first.

    In two statements however many there are.
    """
    key = (Evidence.valid_until if watch.by_day else Evidence.uploaded_at, *_NAMED)
    query = _files().where(_watched(watch, today)).order_by(*key).limit(PAGE)
    if behind is not None:
        day = date.fromisoformat(behind[0]) if watch.by_day else datetime.fromisoformat(behind[0])
        query = query.where(_after(key, (day, *behind[1:])))
    return _with_uses(session, session.execute(query).all())


def counts(session: Session, today: date) -> Mapping[Watch, int]:
    """How many files there are to watch for, of each kind, in one statement."""
    kinds = [watch for watch in Watch if watch is not Watch.ENDING]
    each = [
        select(func.count()).select_from(Evidence).where(_watched(watch, today)).scalar_subquery()
        for watch in kinds
    ]
    row = session.execute(select(*each)).one()
    found: dict[Watch, int] = dict(zip(kinds, map(int, row), strict=True))
    found[Watch.ENDING] = found[Watch.EXPIRED] + found[Watch.SOON]
    return found


def of_vendor(
    session: Session, vendor_id: str, behind: tuple[datetime, str] | None = None
) -> list[list[FileRow]]:
    """A page of a vendor's files, the newest arrival first; of each all versions, newest first.

    In three statements. `behind` is the newest arrival and the id of the last one before.
    """
    newest = func.max(Evidence.uploaded_at)
    page = (
        select(Evidence.id, newest)
        .where(Evidence.vendor_id == vendor_id)
        .group_by(Evidence.id)
        .order_by(newest.desc(), Evidence.id.desc())
        .limit(FILES)
    )
    if behind is not None:
        at, evidence_id = behind
        page = page.having(or_(newest < at, and_(newest == at, Evidence.id < evidence_id)))
    ids = list(session.scalars(page))
    rows = session.execute(
        _files().where(Evidence.id.in_(ids)).order_by(Evidence.id, Evidence.version.desc())
    ).all()
    files: dict[str, list[FileRow]] = {name: [] for name in ids}
    for row in _with_uses(session, rows):
        files[row.evidence_id].append(row)
    return list(files.values())


def of_file(session: Session, vendor_id: str, evidence_id: str) -> list[FileRow]:
    """All versions of one file of a vendor, newest first; none where it is not theirs."""
    query = (
        _files()
        .where(Evidence.vendor_id == vendor_id, Evidence.id == evidence_id)
        .order_by(Evidence.version.desc())
    )
    return _with_uses(session, session.execute(query).all())


_NAMED = (Evidence.id, Evidence.version)


def _after(key: Sequence[Any], behind: Sequence[Any]) -> ColumnElement[bool]:
    first, evidence_id, version = key
    at, last_id, last_version = behind
    named = or_(evidence_id > last_id, and_(evidence_id == last_id, version > last_version))
    return and_(first >= at, or_(first > at, named))


def _watched(watch: Watch, today: date) -> ColumnElement[bool]:
    there = Evidence.erased_at.is_(None)
    match watch:
        case Watch.EXPIRED:
            return and_(there, Evidence.valid_until < today, _in_use(live=True))
        case Watch.SOON:
            ends = Evidence.valid_until.between(today, today + SOON)
            return and_(there, ends, _in_use(live=True))
        case Watch.ENDING:
            return and_(there, Evidence.valid_until <= today + SOON, _in_use(live=True))
        case Watch.QUARANTINED:
            return and_(there, Evidence.scan == Scan.QUARANTINED, _in_use())
    return and_(there, Evidence.damage.is_not(None), _in_use())


def _in_use(*, live: bool = False) -> Exists:
    """Whether it was submitted; `live`: and a live engagement is scored with it now."""
    found = exists().where(
        EvidenceUse.evidence_id == Evidence.id,
        EvidenceUse.version == Evidence.version,
        EvidenceUse.submitted,
    )
    if not live:
        return found
    return found.where(
        EvidenceUse.ended_at.is_(None),
        Assessment.id == EvidenceUse.assessment_id,
        Engagement.id == Assessment.engagement_id,
        Engagement.scored_by == Assessment.id,
        Engagement.ended_at.is_(None),
    )


def _files() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Evidence.id.label("evidence_id"),
            Evidence.version,
            Evidence.vendor_id,
            Vendor.name.label("vendor_name"),
            Evidence.name,
            Evidence.media_type,
            Evidence.size,
            Evidence.issued_on,
            Evidence.valid_until,
            Evidence.dates_at,
            Person.name.label("confirmed_by"),
            Evidence.uploaded_at,
            Evidence.scan,
            Evidence.scan_note,
            Evidence.damage,
            Evidence.erased_at,
            Evidence.erasure_id,
            Erasure.reason.label("erased_because"),
        )
        .join(Vendor, Vendor.id == Evidence.vendor_id)
        .outerjoin(Person, Person.id == Evidence.dates_by)
        .outerjoin(Erasure, Erasure.id == Evidence.erasure_id)
    )


def _with_uses(session: Session, rows: Sequence[Row[Any]]) -> list[FileRow]:
    uses = _uses(session, [(row.evidence_id, row.version) for row in rows])
    found = []
    for row in rows:
        known: dict[str, Any] = {**row._mapping, "scan": Scan(row.scan)}  # noqa: SLF001 - SQLAlchemy's public name
        found.append(FileRow(**known, uses=tuple(uses.get((row.evidence_id, row.version), ()))))
    return found


def _uses(
    session: Session, files: Collection[tuple[str, int]]
) -> Mapping[tuple[str, int], list[Serving]]:
    """What each of these serves and served, in the order in which it came to serve it."""
    found: dict[tuple[str, int], list[Serving]] = {}
    if not files:
        return found
    live = and_(Engagement.scored_by == Assessment.id, Engagement.ended_at.is_(None))
    rows = session.execute(
        select(
            EvidenceUse.evidence_id,
            EvidenceUse.version,
            Assessment.id,
            Engagement.title,
            Assessment.cycle,
            EvidenceUse.question_id,
            EvidenceUse.level,
            EvidenceUse.added_at,
            EvidenceUse.ended_at,
            EvidenceUse.submitted,
            live,
        )
        .join(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .where(tuple_(EvidenceUse.evidence_id, EvidenceUse.version).in_(files))
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )
    for row in rows:
        serving = Serving(*row[:10], bool(row[10]))
        found.setdefault((serving.evidence_id, serving.version), []).append(serving)
    return found
