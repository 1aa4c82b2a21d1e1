"""Scoring an assessment: a dated receipt beside the old ones, where the result differs."""

import hashlib
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.answers.queries import AnswerRow, answers
from riskapp.assessments.models import Assessment
from riskapp.assessments.queries import releases
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.library import Library
from riskapp.evidence.queries import by_question, of_assessment
from riskapp.scoring.build import Case, Reviewed, build_sheet
from riskapp.scoring.constants import Level
from riskapp.scoring.models import StoredReceipt
from riskapp.scoring.receipts import receipt_bytes
from riskapp.scoring.rules import evaluate
from riskapp.scoring.sheet import Evidence
from riskapp.vendors.intake import factors
from riskapp.vendors.models import Intake


def score(
    session: Session,
    library: Library,
    row: Assessment,
    *,
    cause: str,
    actor: Actor,
    now: datetime,
) -> StoredReceipt | None:
    """Scores an assessment as of today (UTC), in the caller's transaction.

    Gives the new receipt, or None where it says the same as the last one of the same day and
    submission. `cause` says in words why it was computed.
    """
    sheet = build_sheet(case_of(session, library, row), now.date())
    result = evaluate(sheet)
    document = receipt_bytes(sheet, result)
    sha256 = hashlib.sha256(document).hexdigest()
    last = session.scalar(
        select(StoredReceipt)
        .where(StoredReceipt.assessment_id == row.id)
        .order_by(StoredReceipt.number.desc())
        .limit(1)
    )
    if last is not None and (last.sha256, last.submission) == (sha256, row.submissions):
        return None
    receipt = StoredReceipt(
        assessment_id=row.id,
        number=row.receipts + 1,
        submission=row.submissions,
        as_of=sheet.as_of,
        cause=cause[:200],
        document=document.decode(),
        sha256=sha256,
        tier=result.tier,
        shown=result.shown,
        scheme=sheet.scheme,
        moved=[],
        created_at=now,
    )
    session.add(receipt)
    row.receipts = receipt.number
    row.tier, row.shown, row.blocked = result.tier, result.shown, result.blocked
    session.flush()
    record(
        session,
        "receipt:add",
        About(f"{row.id}/{receipt.number}", row.vendor_id, row.id),
        actor=actor,
        now=now,
        sha256=sha256,
        tier=result.tier,
        shown=result.shown,
    )
    return receipt


def case_of(session: Session, library: Library, row: Assessment) -> Case:
    """What the assessment's score depends on, as it stands."""
    intake = session.get_one(Intake, row.intake_id)
    given = answers(session, row.id)
    files = by_question(of_assessment(session, row.id))
    asked = releases(session, library, row.id)
    return Case(
        releases=asked,
        facts=row.facts,
        factors=factors(library.intake(intake.release_sha256), intake.answers),
        answers={name: reviewed(answer) for name, answer in given.items()},
        evidence={
            name: [
                Evidence(True, Level(file.level), file.issued_on, file.valid_until) for file in uses
            ]
            for name, uses in files.items()
        },
    )


def reviewed(answer: AnswerRow) -> Reviewed:
    return Reviewed(
        value=answer.value,
        na_reason=answer.na_reason,
        standing=answer.standing,
        na_approvals=len(answer.na_approvals),
        na_refused=answer.na_refused,
        confirmed=answer.confirmed,
        compensating=None if answer.compensating is None else Fraction(answer.compensating),
        said_on=answer.saved_at.date(),
    )
