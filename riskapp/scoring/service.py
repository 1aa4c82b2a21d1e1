"""Scoring an assessment: a dated receipt beside the old ones, where the result differs."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.answers.queries import AnswerRow, answers
from riskapp.assessments.models import Assessment
from riskapp.assessments.queries import releases
from riskapp.assessments.rules import State
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.library import Library
from riskapp.evidence.queries import by_question, of_assessment
from riskapp.scoring import keeping
from riskapp.scoring.basis import Basis
from riskapp.scoring.build import Case, Reviewed, build_basis
from riskapp.scoring.concluding import mark, outcome_of
from riskapp.scoring.constants import Level
from riskapp.scoring.current import terms_now
from riskapp.scoring.day import sheet_on
from riskapp.scoring.models import StoredReceipt
from riskapp.scoring.moves import moved
from riskapp.scoring.reading import decode, read_receipt
from riskapp.scoring.receipts import receipt_bytes
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.sheet import Evidence, Sheet
from riskapp.scoring.terms import Terms
from riskapp.vendors.intake import factors
from riskapp.vendors.models import Engagement, Intake
from riskapp.vendors.standing import update_vendors


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a score is computed, in words, by whom and when."""

    cause: str
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A score that was computed: its receipt, not yet added, and what is kept of its outcome."""

    receipt: StoredReceipt
    result: Result
    outcome: str


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
    submission.
    """
    basis = build_basis(case_of(session, library, row))
    return score_basis(session, row, basis, terms_now(session), Occasion(cause, actor, now))


def score_basis(
    session: Session, row: Assessment, basis: Basis, terms: Terms, occasion: Occasion
) -> StoredReceipt | None:
    """Scores an assessment by a basis, and keeps it; in the caller's transaction, as `score`.

    The caller holds the assessment's lock.
    """
    last = _last(session, row.id)
    made = make(row, basis, terms, occasion, last)
    keeping.keep(session, row.id, basis, made.outcome)
    mine = made.receipt
    if last is not None and (last.sha256, last.submission) == (mine.sha256, mine.submission):
        return None
    add(session, [(row, made)], occasion)
    return mine


def make(
    row: Assessment, basis: Basis, terms: Terms, occasion: Occasion, last: StoredReceipt | None
) -> Made:
    """Computes the next receipt of an assessment; `last` is the one before, if there is one."""
    sheet = sheet_on(basis, occasion.now.date(), terms)
    result = evaluate(sheet)
    receipt = _receipt(row, sheet, result, occasion)
    if last is not None:
        before, _ = read_receipt(decode(last.document))
        receipt.moved = moved(before, sheet, basis)
    return Made(receipt, result, outcome_kept(terms, mark(outcome_of(result))))


def add(session: Session, made: Sequence[tuple[Assessment, Made]], occasion: Occasion) -> None:
    """Adds receipts, puts each score where lists read it, and records it, for few or many."""
    bought = _engagements(session, [row.engagement_id for row, _ in made])
    with session.no_autoflush:
        for row, one in made:
            session.add(one.receipt)
            row.receipts = one.receipt.number
            _show(session, row, one.result, bought[row.engagement_id])
    session.flush()
    update_vendors(session, {row.vendor_id for row, _ in made})
    for row, one in made:
        record(
            session,
            "receipt:add",
            About(f"{row.id}/{one.receipt.number}", row.vendor_id, row.id),
            actor=occasion.actor,
            now=occasion.now,
            sha256=one.receipt.sha256,
            tier=one.result.tier,
            shown=one.result.shown,
        )


def outcome_kept(terms: Terms, marked: str) -> str:
    """What is kept of an outcome: by which scheme it came, and its mark."""
    return f"{terms.scheme.name} {marked}"


def _last(session: Session, assessment_id: str) -> StoredReceipt | None:
    return session.scalar(
        select(StoredReceipt)
        .where(StoredReceipt.assessment_id == assessment_id)
        .order_by(StoredReceipt.number.desc())
        .limit(1)
    )


def _receipt(row: Assessment, sheet: Sheet, result: Result, occasion: Occasion) -> StoredReceipt:
    document = receipt_bytes(sheet, result)
    return StoredReceipt(
        assessment_id=row.id,
        number=row.receipts + 1,
        submission=row.submissions,
        as_of=sheet.as_of,
        cause=occasion.cause[:200],
        document=document.decode(),
        sha256=hashlib.sha256(document).hexdigest(),
        tier=result.tier,
        shown=result.shown,
        scheme=sheet.scheme,
        moved=[],
        created_at=occasion.now,
    )


def _engagements(session: Session, ids: Collection[str]) -> dict[str, Engagement]:
    """Engagements as they are now, held until the transaction ends."""
    query = select(Engagement).where(Engagement.id.in_(ids)).order_by(Engagement.id)
    found = session.scalars(query.with_for_update(), execution_options={"populate_existing": True})
    return {engagement.id: engagement for engagement in found}


def _show(session: Session, row: Assessment, result: Result, engagement: Engagement) -> None:
    """Puts the score on the assessment, and on its engagement: that has its last cycle's score."""
    row.tier, row.shown, row.blocked = result.tier, result.shown, result.blocked
    if engagement.scored_by not in (None, row.id):
        other = session.get_one(Assessment, engagement.scored_by)
        if other.cycle > row.cycle:
            return
    engagement.scored_by = row.id
    engagement.tier, engagement.shown = result.tier, result.shown
    engagement.blocked = result.blocked


def case_of(session: Session, library: Library, row: Assessment) -> Case:
    """What the assessment's score depends on, as it stands, by the engagement's newest intake.

    What was asked, and on which conditions, stays as it was drawn up. Until it is decided, the
    assessment is tied to the intake that it is scored by.
    """
    # Held, so that nobody answers the intake between this look at it and the score's being there.
    bought = _engagements(session, [row.engagement_id])[row.engagement_id]
    intake = session.scalars(
        select(Intake).where(
            Intake.engagement_id == bought.id, Intake.number == bought.intake_number
        )
    ).one()
    if row.state != State.DECIDED:
        row.intake_id = intake.id
    given = answers(session, row.id)
    files = by_question(of_assessment(session, row.id))
    return Case(
        releases=releases(session, library, row.id),
        facts=row.facts,
        factors=factors(library.intake(intake.release_sha256), intake.answers),
        answers={name: reviewed(answer) for name, answer in given.items()},
        evidence={
            name: [
                Evidence(True, Level(file.level_counted), file.issued_on, file.valid_until)
                for file in uses
                if file.counts
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
