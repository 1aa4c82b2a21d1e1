"""Review: every action is one change, one entry in the thread, one event, and a new score."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer
from riskapp.assessments.errors import WrongState
from riskapp.assessments.models import Assessment
from riskapp.assessments.queries import releases
from riskapp.assessments.rules import REVIEWABLE, State
from riskapp.assessments.service import about, checked_due, locked, move
from riskapp.audit.service import About, moved, record
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Question
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.evidence.models import EvidenceUse
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import checked_dates
from riskapp.reviews.entries import Reviewer, next_entry, refuse_later, says_more
from riskapp.reviews.errors import (
    AskedBackPending,
    CannotUndo,
    LegalBlock,
    NothingToReview,
)
from riskapp.reviews.files import (
    confirm,
    hold_file,
    hold_file_of,
    put_file_back,
    score_others,
    state_of_file,
)
from riskapp.reviews.marks import MARKS, compensation_credit, state_of
from riskapp.reviews.models import Decision, ReviewEntry
from riskapp.reviews.rules import DONE, EVIDENCE_LEVEL, NOTE_REQUIRED, Action, Outcome
from riskapp.scoring.queries import score as stored_score
from riskapp.scoring.rules import FloorKind
from riskapp.scoring.service import score

__all__ = ["Reviewer", "decide", "review_answer", "review_evidence", "send_back", "undo"]

LONGEST = 4000


def _note(action: Action, note: str) -> str:
    note = note.strip()
    if action in NOTE_REQUIRED and not note:
        raise FieldRefused("note", "Say why in a sentence; it stays in the record.")
    if len(note) > LONGEST:
        raise FieldRefused("note", f"Use at most {LONGEST} characters.")
    return note


def review_answer(
    assessment_id: str,
    question_id: str,
    action: Action,
    reviewer: Reviewer,
    *,
    note: str = "",
    compensation: str = "",
) -> None:
    """Does one thing to an answer. `compensation` is the credit of a compensating control, 0…3/4.

    Raises FieldRefused, NothingToReview, SameOfficer, WrongState, NotFound.
    """
    note = _note(action, note)
    credit = compensation_credit(compensation) if action is Action.COMPENSATE else None
    mark = MARKS.get(action)
    if mark is None:
        raise NothingToReview(question_id, action)
    with transaction() as session:
        row = _reviewable(session, assessment_id, reviewer)
        answer = session.get(Answer, (assessment_id, question_id))
        if answer is None:
            raise NotFound
        question = _question(session, reviewer.library, assessment_id, question_id)
        before = {"revision": answer.revision, **state_of(answer)}
        mark(answer, question, reviewer.person_id, credit)
        changed = state_of(answer) != _without_revision(before)
        entry = next_entry(session, row, reviewer, action, note, question_id, before)
        if changed or says_more(session, entry):
            worth = {} if credit is None else {"credit": credit}
            _finish(session, row, entry, reviewer, DONE[action], **worth)


def _without_revision(before: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in before.items() if name != "revision"}


def review_evidence(
    assessment_id: str,
    use_id: str,
    action: Action,
    reviewer: Reviewer,
    *,
    issued_on: date | None,
    valid_until: date | None,
    note: str = "",
) -> None:
    """Says how far a file can be relied on, and confirms or corrects its dates.

    Raises FieldRefused, WrongState, NotFound.
    """
    note = _note(action, note)
    level = EVIDENCE_LEVEL.get(action)
    if level is None:
        raise NothingToReview(use_id, action)
    with transaction() as session:
        file = hold_file(session, assessment_id, use_id)
        row = _reviewable(session, assessment_id, reviewer)
        use = session.get(EvidenceUse, use_id, populate_existing=True)
        if file is None or use is None or use.ended_at is not None:
            raise NotFound
        if file.erased_at is not None or not Scan(file.scan).opens:
            raise NothingToReview(use.question_id, action)
        before = state_of_file(file, use)
        if action is not Action.EVIDENCE_REJECTED:
            dates = checked_dates(issued_on, valid_until, today=file.uploaded_at.date())
            confirm(file, dates, reviewer)
        use.level = level
        after = state_of_file(file, use)
        changed = {name: was for name, was in before.items() if was != after[name]}
        entry = next_entry(session, row, reviewer, action, note, use.question_id, changed, file)
        if changed:
            record(
                session,
                "evidence:review",
                About(f"{file.id}/{file.version}", row.vendor_id, assessment_id),
                actor=reviewer.actor,
                now=reviewer.now,
                question=use.question_id,
                **moved(before, after),
            )
        elif not says_more(session, entry):
            return
        _finish(session, row, entry, reviewer, DONE[action])
        score_others(session, entry, reviewer)


def undo(assessment_id: str, entry_id: str, reviewer: Reviewer, *, note: str) -> None:
    """Puts back what an action changed, with a reason; both stay in the thread.

    Raises CannotUndo where a later action rests on it, or a later submission: what went back to
    the vendor is reviewed anew. FieldRefused, WrongState, NotFound.
    """
    note = _note(Action.UNDO, note)
    with transaction() as session:
        entry = session.get(ReviewEntry, entry_id)
        if entry is not None and entry.assessment_id == assessment_id:
            hold_file_of(session, entry)
        row = _reviewable(session, assessment_id, reviewer)
        if entry is None or entry.assessment_id != assessment_id:
            raise NotFound
        session.refresh(entry)
        if entry.undone_at is not None or entry.action == Action.UNDO:
            raise CannotUndo
        if entry.submission != row.submissions:
            raise CannotUndo
        refuse_later(session, entry)
        _put_back(session, entry, row, reviewer)
        entry.undone_at = reviewer.now
        undoing = next_entry(
            session, row, reviewer, Action.UNDO, note, entry.question_id, {"entry": entry.id}
        )
        undoing.evidence_id, undoing.evidence_version = entry.evidence_id, entry.evidence_version
        _finish(session, row, undoing, reviewer, f"{DONE[Action(entry.action)]}, undone")
        score_others(session, entry, reviewer)


def _put_back(session: Session, entry: ReviewEntry, row: Assessment, reviewer: Reviewer) -> None:
    if entry.evidence_id is not None:
        put_file_back(session, entry, row, reviewer)
        return
    answer = session.get_one(Answer, (entry.assessment_id, entry.question_id))
    if answer.revision != entry.before["revision"]:
        raise CannotUndo
    for name, value in _without_revision(entry.before).items():
        setattr(answer, name, value)


def _reviewable(session: Session, assessment_id: str, reviewer: Reviewer) -> Assessment:
    """The assessment, in review from now on. Raises WrongState, NotFound."""
    row = locked(session, assessment_id)
    state = State(row.state)
    if state not in REVIEWABLE:
        raise WrongState(state, "reviewing")
    if state is State.SUBMITTED:
        move(session, row, State.IN_REVIEW, actor=reviewer.actor, now=reviewer.now)
    return row


def _question(session: Session, library: Library, assessment_id: str, question_id: str) -> Question:
    for release in releases(session, library, assessment_id):
        found = release.questions.get(question_id)
        if found is not None:
            return found
    raise NotFound


def _finish(
    session: Session,
    row: Assessment,
    entry: ReviewEntry,
    reviewer: Reviewer,
    done: str,
    **said: object,
) -> None:
    session.add(entry)
    session.flush()
    record(
        session,
        f"review:{entry.action}",
        About(f"{row.id}/{entry.question_id}", row.vendor_id, row.id),
        actor=reviewer.actor,
        now=reviewer.now,
        private={"note": entry.note},
        entry=entry.id,
        question=entry.question_id,
        **({"undoes": entry.before["entry"]} if entry.action == Action.UNDO else {}),
        **said,
    )
    score(
        session,
        reviewer.library,
        row,
        cause=f"Review of {entry.question_id}: {done}",
        actor=reviewer.actor,
        now=reviewer.now,
    )


def send_back(assessment_id: str, due: date, reviewer: Reviewer) -> list[str]:
    """Returns the assessment to the vendor: the questions asked back, and only those, reopen.

    Gives their ids. Raises FieldRefused, NothingToReview where none was asked back, WrongState,
    NotFound.
    """
    checked_due(due, reviewer.now.date())
    with transaction() as session:
        row = _reviewable(session, assessment_id, reviewer)
        questions = _asked_back(session, assessment_id)
        if not questions:
            raise NothingToReview("the assessment", "sending back")
        row.due, row.returned_at = due, reviewer.now
        move(
            session,
            row,
            State.RETURNED,
            actor=reviewer.actor,
            now=reviewer.now,
            questions=questions,
            due=due.isoformat(),
        )
        return questions


def _asked_back(session: Session, assessment_id: str) -> list[str]:
    return list(
        session.scalars(
            select(Answer.question_id)
            .where(Answer.assessment_id == assessment_id, Answer.asked_back)
            .order_by(Answer.question_id)
        )
    )


def decide(
    assessment_id: str,
    outcome: Outcome,
    reviewer: Reviewer,
    *,
    reasons: str,
    conditions: str = "",
) -> None:
    """Ends an assessment with a decision on the score of today.

    Raises FieldRefused, LegalBlock, AskedBackPending, WrongState, NotFound.
    """
    reasons, conditions = reasons.strip(), conditions.strip()
    if not reasons:
        raise FieldRefused("reasons", "Give the reasons for the decision.")
    if outcome is Outcome.APPROVE_WITH_CONDITIONS and not conditions:
        raise FieldRefused("conditions", "Say what the vendor has to do, and by when.")
    if outcome is not Outcome.APPROVE_WITH_CONDITIONS:
        conditions = ""
    with transaction() as session:
        row = _reviewable(session, assessment_id, reviewer)
        pending = _asked_back(session, assessment_id)
        if pending:
            raise AskedBackPending(pending)
        score(
            session,
            reviewer.library,
            row,
            cause="Decision",
            actor=reviewer.actor,
            now=reviewer.now,
        )
        if outcome is not Outcome.REJECT:
            _refuse_blocked(session, assessment_id)
        session.add(
            Decision(
                assessment_id=row.id,
                outcome=outcome,
                reasons=reasons,
                conditions=conditions,
                receipt=row.receipts,
                person_id=reviewer.person_id,
                at=reviewer.now,
            )
        )
        row.outcome = outcome
        session.flush()
        record(
            session,
            "decision:make",
            about(row),
            actor=reviewer.actor,
            now=reviewer.now,
            private={"reasons": reasons, "conditions": conditions},
            outcome=outcome,
            receipt=row.receipts,
        )
        move(session, row, State.DECIDED, actor=reviewer.actor, now=reviewer.now)


def _refuse_blocked(session: Session, assessment_id: str) -> None:
    found = stored_score(session, assessment_id)
    if found is not None and found.result.blocked:
        raise LegalBlock(
            [floor.subject for floor in found.result.floors if floor.kind is FloorKind.LEGAL]
        )
