"""Everything that a pack says, read once: nothing is read from the database while it streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.accounts.queries import names
from riskapp.answers.queries import AnswerRow, RevisionRow, answers, revisions
from riskapp.assessments.errors import AnswersErased, WrongState
from riskapp.assessments.models import Assessment
from riskapp.assessments.queries import AssessmentRow, Filter, assessment, assessments, releases
from riskapp.assessments.rules import State
from riskapp.audit.log import Signed
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.core.errors import NotFound
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.packs import trail as trails
from riskapp.packs.errors import NothingDecided
from riskapp.packs.models import PackExport
from riskapp.packs.names import folder
from riskapp.packs.trail import Told, Trail
from riskapp.reviews.queries import DecisionRow, EntryRow, decision, thread
from riskapp.scoring.queries import ReceiptRow, receipt_documents, receipts
from riskapp.submissions.queries import SubmissionRow, submissions
from riskapp.vendors.models import Engagement, Vendor
from riskapp.vendors.queries import (
    EngagementRow,
    IntakeRow,
    VendorRow,
    engagement,
    engagements,
    intake_by_id,
    vendor,
)

PAGE = 50
"""So many packs are on a page."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A pack that was made; `size` is the ZIP's.

    Of a vendor's history `assessment_id`, `engagement` (its title) and `cycle` are None.
    """

    id: str
    vendor_id: str
    vendor_name: str
    assessment_id: str | None
    engagement: str | None
    cycle: int | None
    recipient: str
    purpose: str
    until: date | None
    size: int
    log_size: int
    narrowed: dict[str, Any]
    sealed_to: str | None
    seal: str
    token: bytes | None
    made_by_id: str | None
    made_by: str | None
    at: datetime

    @property
    def filename(self) -> str:
        return (
            folder(self.vendor_name, self.assessment_id or self.vendor_id, self.log_size) + ".zip"
        )


def _exports() -> Select[*tuple[Any, ...]]:
    query = select(
        PackExport.id,
        PackExport.vendor_id,
        Vendor.name,
        PackExport.assessment_id,
        Engagement.title,
        Assessment.cycle,
        PackExport.recipient,
        PackExport.purpose,
        PackExport.until,
        PackExport.size,
        PackExport.log_size,
        PackExport.narrowed,
        PackExport.sealed_to,
        PackExport.seal,
        PackExport.token,
        PackExport.made_by,
        Person.name,
        PackExport.at,
    )
    query = query.join(Vendor, Vendor.id == PackExport.vendor_id)
    query = query.outerjoin(Assessment, Assessment.id == PackExport.assessment_id)
    query = query.outerjoin(Engagement, Engagement.id == Assessment.engagement_id)
    return query.outerjoin(Person, Person.id == PackExport.made_by)


def made(
    session: Session,
    vendor_id: str | None,
    assessment_id: str | None = None,
    *,
    by: str | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> Sequence[ExportRow]:
    """Packs, newest first: of all, a vendor's, those of one assessment, one person's.

    A page of them after (time, id), or the first `limit`.
    """
    query = _exports()
    if vendor_id is not None:
        query = query.where(PackExport.vendor_id == vendor_id)
    if assessment_id is not None:
        query = query.where(PackExport.assessment_id == assessment_id)
    if by is not None:
        query = query.where(PackExport.made_by == by)
    if before is not None:
        query = query.where(tuple_(PackExport.at, PackExport.id) < tuple_(*before))
    query = query.order_by(PackExport.at.desc(), PackExport.id.desc()).limit(limit or PAGE)
    return [ExportRow(*row) for row in session.execute(query)]


def pack(session: Session, pack_id: str) -> ExportRow | None:
    row = session.execute(_exports().where(PackExport.id == pack_id)).first()
    return None if row is None else ExportRow(*row)


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
    events: Sequence[Told]
    people: Mapping[str, str]

    @property
    def values(self) -> dict[str, Any]:
        """The answers that conditions look at."""
        return {name: row.value for name, row in self.answers.items() if row.value is not None}


@dataclass(frozen=True, slots=True)
class History:
    """What a pack tells: of one assessment (`vendor` is None), or of all of a vendor's.

    `decided` are the assessments that are in it, oldest first; `assessments` all that there are.
    """

    trail: Trail
    decided: Sequence[Contents]
    vendor: VendorRow | None = None
    engagements: Sequence[EngagementRow] = ()
    assessments: Sequence[AssessmentRow] = ()


def of_one(
    session: Session, library: Library, vendor_id: str, assessment_id: str, at: Signed
) -> History:
    """An assessment with its trail up to a checkpoint.

    Raises NotFound; WrongState unless it was decided by then; AnswersErased.
    """
    row = assessment(session, assessment_id)
    if row is None or row.vendor_id != vendor_id:
        raise NotFound
    if row.state is not State.DECIDED:
        raise WrongState(row.state, "an evidence pack")
    if row.erased_at is not None:
        raise AnswersErased(row.erased_at)
    files = of_assessment(session, assessment_id, with_ended=True)
    trail = trails.of_assessment(session, assessment_id, vendor_id, map(_name, files), at)
    return History(trail, [_contents(session, library, row, files, trail)])


def of_all(session: Session, library: Library, vendor_id: str, at: Signed) -> History:
    """A vendor's whole history up to a checkpoint. Raises NotFound, NothingDecided."""
    known = vendor(session, vendor_id)
    if known is None:
        raise NotFound
    trail = trails.of_vendor(session, vendor_id, at)
    then = states(trail)
    rows = [
        row
        for row in reversed(assessments(session, Filter(vendor_id=vendor_id), limit=None))
        if row.id in then
    ]
    decided = [
        _contents(session, library, row, of_assessment(session, row.id, with_ended=True), trail)
        for row in rows
        if then[row.id] == State.DECIDED and row.erased_at is None
    ]
    if not decided:
        raise NothingDecided
    told = {one.said["object"] for one in trail.events if one.said["type"] == "engagement:add"}
    bought = engagements(session, vendor_id, limit=len(told) + 1)
    return History(trail, decided, known, [one for one in bought if one.id in told], rows)


def states(trail: Trail) -> dict[str, str]:
    """The state in which each assessment is at the end of a trail."""
    known = {f"assessment:{state}": str(state) for state in State}
    return {
        one.said["object"]: known[one.said["type"]]
        for one in trail.events
        if one.said["type"] in known
    }


def _name(file: EvidenceRow) -> str:
    return f"{file.evidence_id}/{file.version}"


def _contents(
    session: Session,
    library: Library,
    row: AssessmentRow,
    files: Sequence[EvidenceRow],
    trail: Trail,
) -> Contents:
    made = decision(session, row.id)
    events = trail.of(row.id, {_name(file) for file in files})
    told = {one.said["object"] for one in events if one.said["type"] == "receipt:add"}
    bought_from, bought = vendor(session, row.vendor_id), engagement(session, row.engagement_id)
    intake, known = intake_by_id(session, row.intake_id), answers(session, row.id)
    if made is None or bought_from is None or bought is None or intake is None:
        raise NotFound
    acted = {one.actor for one in events if one.said["actor"] == "person"}
    approved = {person for answer in known.values() for person in answer.na_approvals}
    return Contents(
        assessment=row,
        vendor=bought_from,
        engagement=bought,
        intake=intake,
        intake_release=library.known(intake.release_sha256),
        releases=releases(session, library, row.id),
        answers=known,
        revisions=revisions(session, row.id),
        evidence=files,
        submissions=submissions(session, row.id),
        receipts=[
            one
            for one in reversed(receipts(session, row.id, limit=row.receipts))
            if f"{row.id}/{one.number}" in told
        ],
        documents={
            number: text
            for number, text in receipt_documents(session, row.id)
            if f"{row.id}/{number}" in told
        },
        thread=thread(session, row.id),
        decision=made,
        events=events,
        people=names(
            session, {one for one in (*acted, *approved, intake.saved_by) if one is not None}
        ),
    )
