"""One assessment as it stood at the end of a day (UTC): what an auditor asks about a decision.

States, revisions, reviews and files come from the trail, their words from the rows that only grow.
What was erased since is said to be, and not guessed.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from riskapp.answers.models import AnswerRevision
from riskapp.answers.queries import RevisionRow
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.audit.models import ACTOR, Event, EventPrivate, LogEntry
from riskapp.audit.queries import IN_ORDER, NEWEST_FIRST
from riskapp.evidence.models import Evidence
from riskapp.evidence.scans import Scan
from riskapp.invites.queries import InvitationRow, invitations
from riskapp.reviews.as_of import end_of
from riskapp.reviews.models import ReviewEntry
from riskapp.reviews.queries import DecisionRow, decision
from riskapp.reviews.replay import AnswerThen, FileThen, Happened, Then, replay
from riskapp.reviews.rules import Action
from riskapp.scoring.models import StoredReceipt
from riskapp.vendors.models import Intake

TELLING = (
    *(f"assessment:{state}" for state in State),
    "assessment:extend",
    "assessment:share",
    "answer:save",
    "submission:add",
    "evidence:keep",
    "evidence:use",
    "evidence:remove",
    "evidence:review",
    *(f"review:{action}" for action in Action),
)
"""The events from which an assessment can be told; reading, looking and scoring change nothing."""


@dataclass(frozen=True, slots=True)
class AnswerPast:
    """An answer then; `said` is None where its words are erased, or not submitted to this day."""

    then: AnswerThen
    said: RevisionRow | None


@dataclass(frozen=True, slots=True)
class FilePast:
    """A file then. `name` is empty where it is erased now, or was never submitted."""

    then: FileThen
    name: str
    size: int | None
    issued_on: date | None
    valid_until: date | None
    """Days as they were known then; None where the row of a draft is gone."""
    dates_confirmed: bool
    scan: Scan | None
    erased_at: datetime | None
    """When, where that was before the day was over."""
    erased_since: bool


@dataclass(frozen=True, slots=True)
class ReceiptPast:
    number: int
    submission: int
    tier: str
    shown: str
    created_at: datetime
    kept: bool
    """Whether the receipt is there to be read; retention may have erased it."""


@dataclass(frozen=True, slots=True)
class Past:
    day: date
    then: Then
    inherent_tier: str | None
    answers: Mapping[str, AnswerPast]
    files: Sequence[FilePast]
    receipt: ReceiptPast | None
    decision: DecisionRow | None
    links: Sequence[InvitationRow]
    """Newest first; what was not yet then is None in them."""


def assessment_as_of(session: Session, assessment_id: str, day: date) -> Past | None:
    """None before the assessment was drawn up, and where there is none.

    As many statements for any assessment. What the vendor had not submitted by today is told
    without its words: it is not ours to read.
    """
    row = session.get(Assessment, assessment_id)
    end = end_of(day)
    if row is None or row.created_at >= end:
        return None
    events, undone = _events(session, assessment_id), _undone(session, assessment_id)
    then = replay([one for one in events if one.at < end], undone)
    today = replay(events, undone)
    if then is None or today is None:
        return None
    return Past(
        day,
        then,
        _inherent(session, row.engagement_id, end),
        _answers(session, assessment_id, then, today),
        _files(session, then, today, end),
        _receipt(session, row, end),
        _decision(session, assessment_id, end),
        _links(session, assessment_id, end),
    )


def _events(session: Session, assessment_id: str) -> list[Happened]:
    who = and_(EventPrivate.event_id == Event.id, EventPrivate.field == ACTOR)
    rows = session.execute(
        select(Event.at, Event.type, Event.object_id, EventPrivate.value, Event.body)
        .outerjoin(EventPrivate, who)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .where(Event.assessment_id == assessment_id, Event.type.in_(TELLING))
        .order_by(*IN_ORDER)
    )
    return [Happened(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows]


def _undone(session: Session, assessment_id: str) -> dict[str, str]:
    rows = session.execute(
        select(ReviewEntry.id, ReviewEntry.before).where(
            ReviewEntry.assessment_id == assessment_id, ReviewEntry.action == Action.UNDO
        )
    )
    return {row[0]: row[1]["entry"] for row in rows}


def _inherent(session: Session, engagement_id: str, end: datetime) -> str | None:
    return session.scalar(
        select(Intake.tier)
        .where(Intake.engagement_id == engagement_id, Intake.saved_at < end)
        .order_by(Intake.number.desc())
        .limit(1)
    )


def _answers(
    session: Session, assessment_id: str, then: Then, today: Then
) -> dict[str, AnswerPast]:
    rows = session.execute(
        select(
            AnswerRevision.question_id,
            AnswerRevision.revision,
            AnswerRevision.value,
            AnswerRevision.na_reason,
            AnswerRevision.comment,
            AnswerRevision.invitation_id,
            AnswerRevision.saved_at,
        ).where(AnswerRevision.assessment_id == assessment_id)
    )
    words = {(row[0], row[1]): RevisionRow(*row) for row in rows}
    return {
        question: AnswerPast(
            answer,
            words.get((question, answer.revision))
            if answer.revision <= today.answers[question].submitted
            else None,
        )
        for question, answer in then.answers.items()
    }


def _files(session: Session, then: Then, today: Then, end: datetime) -> list[FilePast]:
    if not then.files:
        return []
    known = {(file.evidence_id, file.version) for file in then.files.values()}
    rows = session.scalars(select(Evidence).where(tuple_(Evidence.id, Evidence.version).in_(known)))
    by_version = {(row.id, row.version): row for row in rows}
    days = _days_then(session, known, end)
    ours = {use for use, file in today.files.items() if file.submitted}
    return [
        _file(file, by_version.get(file.use[1:]), days, end, named=file.submitted or use in ours)
        for use, file in then.files.items()
    ]


def _file(
    file: FileThen,
    row: Evidence | None,
    days: Mapping[str, Mapping[str, Any]],
    end: datetime,
    *,
    named: bool,
) -> FilePast:
    if row is None:  # a draft that the vendor took back; nothing of it is left
        return FilePast(
            file,
            "",
            file.size,
            None,
            None,
            dates_confirmed=False,
            scan=file.scan,
            erased_at=None,
            erased_since=False,
        )
    erased = row.erased_at is not None and row.erased_at < end
    since = row.erased_at is not None and not erased
    before = days.get(f"{row.id}/{row.version}")
    known = before or {
        "issued_on": row.issued_on.isoformat(),
        "valid_until": row.valid_until and row.valid_until.isoformat(),
        "dates_by": row.dates_by,
    }
    until = known["valid_until"]
    scanned = row.scanned_at is not None and row.scanned_at < end
    return FilePast(
        file,
        row.name if named else "",
        row.size,
        date.fromisoformat(known["issued_on"]),
        until and date.fromisoformat(until),
        dates_confirmed=known.get("dates_by") is not None,
        scan=Scan(row.scan) if scanned or file.scan is None else file.scan,
        erased_at=row.erased_at if erased else None,
        erased_since=since,
    )


def _days_then(
    session: Session, files: Collection[tuple[str, int]], end: datetime
) -> dict[str, Mapping[str, Any]]:
    """The days of the files that were changed later, as they were before that."""
    objects = {f"{evidence_id}/{version}" for evidence_id, version in files}
    rows = session.execute(
        select(Event.object_id, Event.body)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .where(Event.type == "evidence:review", Event.object_id.in_(objects), Event.at >= end)
        .order_by(*NEWEST_FIRST)
    )
    return {row[0]: json.loads(row[1])["from"] for row in rows}  # the first one wins, read last


def _receipt(session: Session, row: Assessment, end: datetime) -> ReceiptPast | None:
    found = session.execute(
        select(
            StoredReceipt.number,
            StoredReceipt.submission,
            StoredReceipt.tier,
            StoredReceipt.shown,
            StoredReceipt.created_at,
        )
        .where(StoredReceipt.assessment_id == row.id, StoredReceipt.created_at < end)
        .order_by(StoredReceipt.number.desc())
        .limit(1)
    ).first()
    if found is not None:
        return ReceiptPast(*found, kept=True)
    told = session.execute(
        select(Event.object_id, Event.body, Event.at)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .where(Event.assessment_id == row.id, Event.type == "receipt:add", Event.at < end)
        .order_by(*NEWEST_FIRST)
        .limit(1)
    ).first()
    if told is None:
        return None
    body = json.loads(told[1])
    number = int(told[0].rpartition("/")[2])
    return ReceiptPast(number, 0, body["tier"], body["shown"], told[2], kept=False)


def _decision(session: Session, assessment_id: str, end: datetime) -> DecisionRow | None:
    found = decision(session, assessment_id)
    return found if found is not None and found.at < end else None


def _links(session: Session, assessment_id: str, end: datetime) -> list[InvitationRow]:
    def by_then(at: datetime | None) -> datetime | None:
        return at if at is not None and at < end else None

    return [
        replace(
            one,
            started_at=by_then(one.started_at),
            mailed_at=by_then(one.mailed_at),
            revoked_at=by_then(one.revoked_at),
        )
        for one in invitations(session, assessment_id)
        if one.issued_at < end
    ]
