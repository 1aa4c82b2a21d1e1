"""What a review changes of a file: its level for one answer, and its days for everybody.

The days belong to the file, so that correcting them moves the score of every assessment that the
file was submitted with.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment
from riskapp.audit.service import About, moved, record
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.evidence.service import Dates
from riskapp.reviews.entries import Reviewer
from riskapp.reviews.errors import CannotUndo
from riskapp.reviews.models import ReviewEntry
from riskapp.scoring.users import hold_users, score_users

CAUSE = "The dates of a file were corrected"
DAYS = ("issued_on", "valid_until")


def hold_file(session: Session, assessment_id: str, use_id: str) -> Evidence | None:
    """The file of a use on an assessment, held with all that uses it; None where there is none."""
    use = session.get(EvidenceUse, use_id)
    if use is None or use.assessment_id != assessment_id:
        return None
    return _held(session, (use.evidence_id, use.version), assessment_id)


def hold_file_of(session: Session, entry: ReviewEntry) -> None:
    """The same for the file that an entry is about, where it is about one."""
    if entry.evidence_id is None or entry.evidence_version is None:
        return
    version = (entry.evidence_id, entry.evidence_version)
    if session.get(Evidence, version) is not None:
        _held(session, version, entry.assessment_id)


def _held(session: Session, version: tuple[str, int], assessment_id: str) -> Evidence:
    hold_users(session, [version], besides=[assessment_id])
    return session.get_one(Evidence, version, populate_existing=True, with_for_update=True)


def confirm(file: Evidence, dates: Dates, reviewer: Reviewer) -> None:
    """The officer stands for these days from now on; who confirmed the same ones before stays."""
    if file.dates_by is not None and _days(file) == (dates.issued_on, dates.valid_until):
        return
    file.issued_on, file.valid_until = dates.issued_on, dates.valid_until
    file.dates_by, file.dates_at = reviewer.person_id, reviewer.now


def _days(file: Evidence) -> tuple[date, date | None]:
    return file.issued_on, file.valid_until


def state_of_file(file: Evidence, use: EvidenceUse) -> dict[str, Any]:
    """What a review may change, as JSON values."""
    return {
        "level": use.level,
        "issued_on": file.issued_on.isoformat(),
        "valid_until": file.valid_until and file.valid_until.isoformat(),
        "dates_by": file.dates_by,
        "dates_at": file.dates_at and file.dates_at.isoformat(),
    }


def put_file_back(
    session: Session, entry: ReviewEntry, row: Assessment, reviewer: Reviewer
) -> None:
    """Undoes what an entry changed of a file, as an event.

    Raises CannotUndo where the file is not on the question any more, or where somebody confirmed
    its days later, perhaps for another assessment.
    """
    file = session.get(Evidence, (entry.evidence_id, entry.evidence_version))
    use = session.scalar(
        select(EvidenceUse).where(
            EvidenceUse.assessment_id == entry.assessment_id,
            EvidenceUse.question_id == entry.question_id,
            EvidenceUse.evidence_id == entry.evidence_id,
            EvidenceUse.version == entry.evidence_version,
            EvidenceUse.ended_at.is_(None),
        )
    )
    if file is None or use is None or file.erased_at is not None:
        raise CannotUndo
    before, was = entry.before, state_of_file(file, use)
    if "dates_at" in before and file.dates_at != entry.at:
        raise CannotUndo
    use.level = before.get("level", use.level)
    _put_days_back(file, before)
    if state_of_file(file, use) != was:
        record(
            session,
            "evidence:review",
            About(f"{file.id}/{file.version}", row.vendor_id, row.id),
            actor=reviewer.actor,
            now=reviewer.now,
            question=use.question_id,
            **moved(was, state_of_file(file, use)),
            undoes=entry.id,
        )


def _put_days_back(file: Evidence, before: dict[str, Any]) -> None:
    """An entry knows of the fields that it changed, an older one of both days in any case."""
    if "issued_on" in before:
        file.issued_on = date.fromisoformat(before["issued_on"])
    if "valid_until" in before:
        until = before["valid_until"]
        file.valid_until = until and date.fromisoformat(until)
    if "dates_by" in before:
        file.dates_by = before["dates_by"]
    if "dates_at" in before:
        at = before["dates_at"]
        file.dates_at = at and datetime.fromisoformat(at)


def score_others(session: Session, entry: ReviewEntry, reviewer: Reviewer) -> None:
    """Scores whoever else the file was submitted with, where the entry moved its days."""
    if entry.evidence_id is None or entry.evidence_version is None:
        return
    if any(day in entry.before for day in DAYS):
        score_users(
            session,
            [(entry.evidence_id, entry.evidence_version)],
            cause=CAUSE,
            actor=reviewer.actor,
            now=reviewer.now,
            besides=[entry.assessment_id],
        )
