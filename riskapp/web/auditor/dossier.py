"""All that an auditor reads of one assessment, gathered in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from riskapp.answers.queries import AnswerRow, RevisionRow, answers
from riskapp.assessments.access import vendor_access
from riskapp.assessments.queries import (
    AssessmentRow,
    GrantRow,
    grant_for,
    granted_assessment,
    releases,
)
from riskapp.assessments.rules import REVIEWABLE, State
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.reviews.queries import DecisionRow, EntryRow, decision, thread
from riskapp.scoring.queries import ReceiptRow, receipts, score
from riskapp.submissions.queries import SubmissionRow, submissions
from riskapp.web.ports import ports
from riskapp.web.questions import Part, parts
from riskapp.web.scorecard import Card, card, submitted


@dataclass(frozen=True, slots=True)
class Dossier:
    """Without a submission there are no answers, files or scores in it: they are drafts."""

    row: AssessmentRow
    grant: GrantRow
    whole_vendor: bool
    """Whether all of the vendor is granted, and not this alone."""
    releases: Sequence[Release]
    parts: Sequence[Part]
    thread: Mapping[str, Sequence[EntryRow]]
    decision: DecisionRow | None
    card: Card | None
    receipts: Sequence[ReceiptRow]
    submissions: Sequence[SubmissionRow]


def granted(person_id: str, assessment_id: str) -> tuple[AssessmentRow, GrantRow]:
    """An assessment and the grant that opens it. Raises NotFound where nothing does, today."""
    day = ports().clock.now().date()
    row = granted_assessment(reading(), person_id, assessment_id, today=day)
    grant = grant_for(reading(), person_id, assessment_id, today=day)
    if row is None or grant is None:
        raise NotFound
    return row, grant


def read(person_id: str, assessment_id: str) -> Dossier:
    """Raises NotFound where it is not granted."""
    row, grant = granted(person_id, assessment_id)
    day = ports().clock.now().date()
    sent = releases(reading(), ports().library, row.id)
    acknowledged = submissions(reading(), row.id)
    newest = score(reading(), row.id)
    number = row.submissions if newest is None else newest.row.submission
    frozen = submitted(reading(), row.id, acknowledged, number)
    values = {name: one.value for name, one in frozen.items() if one.value is not None}
    return Dossier(
        row,
        grant,
        vendor_access(reading(), person_id, row.vendor_id, today=day) is not None,
        sent,
        parts(sent, row.facts, _as_submitted(row, frozen), files_of(row)),
        _by_question(thread(reading(), row.id)),
        decision(reading(), row.id),
        None if newest is None else card(newest, sent, values),
        receipts(reading(), row.id),
        acknowledged,
    )


def _as_submitted(row: AssessmentRow, frozen: Mapping[str, RevisionRow]) -> Mapping[str, AnswerRow]:
    """The answers as they were last sent in.

    What the vendor changes after it is not sent yet, and never will be where it was cancelled.
    """
    if not row.submissions:
        return {}
    current = answers(reading(), row.id)
    if row.state in REVIEWABLE or row.state is State.DECIDED:
        return current
    return {name: _unchanged(current[name], sent) for name, sent in frozen.items()}


def _unchanged(answer: AnswerRow, sent: RevisionRow) -> AnswerRow:
    if answer.revision == sent.revision:
        return answer
    return replace(
        answer,
        revision=sent.revision,
        value=sent.value,
        na_reason=sent.na_reason,
        comment=sent.comment,
        saved_at=sent.saved_at,
    )


def files_of(row: AssessmentRow) -> list[EvidenceRow]:
    """What was submitted, also where it was replaced or removed since.

    What the vendor takes back while it answers anew stands there until that is sent in.
    """
    files, last = of_assessment(reading(), row.id, with_ended=True), row.submitted_at
    return [
        replace(file, ended_at=None) if last and file.ended_at and file.ended_at > last else file
        for file in files
        if file.submitted
    ]


def _by_question(entries: Sequence[EntryRow]) -> dict[str, list[EntryRow]]:
    found: dict[str, list[EntryRow]] = {}
    for entry in entries:
        found.setdefault(entry.question_id, []).append(entry)
    return found
