"""Everything that a pack says, read once: nothing is read from the database while it streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.accounts.queries import names
from riskapp.answers.queries import AnswerRow, RevisionRow, answers, revisions
from riskapp.assessments.errors import AnswersErased, WrongState
from riskapp.assessments.queries import AssessmentRow, assessment, releases
from riskapp.assessments.rules import State
from riskapp.audit.queries import EventRow, elsewhere, private, whole_trail
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.packs.models import PackExport
from riskapp.reviews.queries import DecisionRow, EntryRow, decision, thread
from riskapp.scoring.queries import ReceiptRow, receipt_documents, receipts
from riskapp.submissions.queries import SubmissionRow, submissions
from riskapp.vendors.queries import (
    EngagementRow,
    IntakeRow,
    VendorRow,
    engagement,
    intake_by_id,
    vendor,
)

OF_FILES = (
    "evidence:keep",
    "evidence:review",
    "evidence:clean",
    "evidence:infected",
    "evidence:erase",
)
"""What changes what a file is, whichever assessment it happened for."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A pack that was taken away."""

    recipient: str
    purpose: str
    until: date | None
    made_by: str | None
    at: datetime


def exports(session: Session, assessment_id: str) -> Sequence[ExportRow]:
    """Who took packs of an assessment away, newest first."""
    rows = session.execute(
        select(
            PackExport.recipient,
            PackExport.purpose,
            PackExport.until,
            Person.name,
            PackExport.at,
        )
        .outerjoin(Person, Person.id == PackExport.made_by)
        .where(PackExport.assessment_id == assessment_id)
        .order_by(PackExport.at.desc(), PackExport.id)
        .limit(100)
    )
    return [ExportRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Contents:
    """One decided assessment with all that belongs to it, each list oldest first.

    `people` are the display names of everybody who acted, by id; `documents` the stored texts of
    the receipts by number, of those that the trail tells of; `intake_release` is None where its
    text is no longer to be had.
    """

    assessment: AssessmentRow
    vendor: VendorRow
    engagement: EngagementRow
    intake: IntakeRow
    intake_release: Release | None
    releases: Sequence[Release]
    answers: Mapping[str, AnswerRow]
    revisions: Sequence[RevisionRow]
    evidence: Sequence[EvidenceRow]
    submissions: Sequence[SubmissionRow]
    receipts: Sequence[ReceiptRow]
    documents: Mapping[int, str]
    thread: Sequence[EntryRow]
    decision: DecisionRow
    events: Sequence[EventRow]
    private: Mapping[int, Mapping[str, tuple[str, str]]]
    """What the events commit to: by event and field, salt and value."""
    people: Mapping[str, str]

    @property
    def values(self) -> dict[str, Any]:
        """The answers that conditions look at."""
        return {name: row.value for name, row in self.answers.items() if row.value is not None}


def contents(
    session: Session, library: Library, assessment_id: str, until_event: int | None
) -> Contents:
    """Reads an assessment with its trail up to an event (None: the newest one).

    Raises NotFound; WrongState unless it is decided; AnswersErased; FieldRefused for an
    `until_event` that lies before the decision, for the pack would tell what its trail does not.
    """
    row = assessment(session, assessment_id)
    if row is None:
        raise NotFound
    made = decision(session, assessment_id)
    if row.state is not State.DECIDED or made is None:
        raise WrongState(row.state, "an evidence pack")
    if row.erased_at is not None:
        raise AnswersErased(row.erased_at)
    known_answers = answers(session, assessment_id)
    entries = thread(session, assessment_id)
    files = of_assessment(session, assessment_id, with_ended=True)
    events = _trail(session, row, files, until_event)
    told = {event.object_id for event in events if event.type == "receipt:add"}
    bought_from, bought = vendor(session, row.vendor_id), engagement(session, row.engagement_id)
    intake = intake_by_id(session, row.intake_id)
    if bought_from is None or bought is None or intake is None:
        raise NotFound
    acted = {event.actor_id for event in events if event.actor_kind == "person"}
    approved = {person for answer in known_answers.values() for person in answer.na_approvals}
    return Contents(
        assessment=row,
        vendor=bought_from,
        engagement=bought,
        intake=intake,
        intake_release=library.known(intake.release_sha256),
        releases=releases(session, library, assessment_id),
        answers=known_answers,
        revisions=revisions(session, assessment_id),
        evidence=files,
        submissions=submissions(session, assessment_id),
        receipts=[
            one
            for one in reversed(receipts(session, assessment_id, limit=row.receipts))
            if f"{assessment_id}/{one.number}" in told
        ],
        documents={
            number: text
            for number, text in receipt_documents(session, assessment_id)
            if f"{assessment_id}/{number}" in told
        },
        thread=entries,
        decision=made,
        events=events,
        private=private(session, [event.id for event in events]),
        people=names(
            session, {one for one in (*acted, *approved, intake.saved_by) if one is not None}
        ),
    )


def _trail(
    session: Session, row: AssessmentRow, files: Sequence[EvidenceRow], until_event: int | None
) -> list[EventRow]:
    """The assessment's own events, and what became of its files elsewhere.

    A file may have come with an earlier cycle, and its days may have been confirmed there.
    """
    objects = {f"{file.evidence_id}/{file.version}" for file in files}
    theirs = elsewhere(session, row.vendor_id, row.id, OF_FILES, objects)
    events = [
        event
        for event in sorted((*whole_trail(session, row.id), *theirs), key=lambda one: one.id)
        if until_event is None or event.id <= until_event
    ]
    if all(event.type != f"assessment:{State.DECIDED}" for event in events):
        raise FieldRefused("until_event", "Name an event that is not before the decision.")
    return events
