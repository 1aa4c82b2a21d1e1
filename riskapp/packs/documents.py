"""The documents of a pack as JSON values, from what was read. Pure."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from riskapp.answers.queries import AnswerRow, RevisionRow
from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Question
from riskapp.catalogue.visible import asked, hidden_by
from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.asked import (
    intake_document,
    question_document,
    questionnaire_document,
)
from riskapp.packs.narrowing import Closed, hidden_entry, opens
from riskapp.packs.queries import Contents
from riskapp.packs.shipped.verify import FORMAT
from riskapp.packs.trail import Told
from riskapp.reviews.queries import EntryRow

Document = dict[str, Any]
DOES_NOT_APPLY = "Does not apply"
_NOT_ASKED = {
    None: "It does not apply to what is bought.",
    "gate": "The vendor's answer to another question says that it does not apply.",
    "control": "The vendor's answer to another question leaves nothing to ask here.",
}

Places = Mapping[tuple[str, int], str | None]
"""Where each file (evidence id, version) lies in the pack; None where it does not."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What a pack says of one assessment, as JSON values, narrowed already.

    All that a pack holds beside them (report, tables, OSCAL) is made of these and of nothing else,
    so that what was kept out of one is in none. `events` are `{number, event, opened}`: of each
    the place in the log, its body, and by field salt and value of what it commits to, as far as
    the pack opens it. `checkpoint` is `{origin, size, root}`. What is left out of answers, files
    and review entries has the reason under `redacted`, which is None for all others.
    """

    about: Document
    answers: Document
    review: Document
    decision: Document
    receipt: Document
    events: Sequence[Document]
    checkpoint: Document


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom a pack is made, by whom, why and until when it may be used.

    `as_of` is when the checkpoint was signed up to which it tells the record.
    """

    recipient: str
    purpose: str
    by_kind: str
    by_id: str | None
    by_name: str | None
    until: date | None
    as_of: datetime


def file_id(file: EvidenceRow) -> str:
    return f"{file.evidence_id}/{file.version}"


def newest_acknowledgement(contents: Contents) -> Document:
    """What the vendor submitted last: the names that stood when the answers were given."""
    return dict(json.loads(contents.submissions[-1].acknowledgement))


def pack_document(
    terms: Terms, checkpoint: Document, left_out: Sequence[Document], questions: Document
) -> Document:
    """What a pack, or the part of it that is about one assessment, is."""
    return {
        "format": FORMAT,
        "recipient": terms.recipient,
        "purpose": terms.purpose,
        "exported_by": {"kind": terms.by_kind, "id": terms.by_id, "name": terms.by_name},
        "until": terms.until and terms.until.isoformat(),
        "as_of": terms.as_of.isoformat(),
        "checkpoint": checkpoint,
        "questions": questions,
        "left_out": list(left_out),
    }


def documents(
    contents: Contents, kept_out: Closed, pack: Document, places: Places, root: str
) -> Documents:
    """All that the pack says of an assessment, in files below `root`, which ends with a slash."""
    review = _review(contents, kept_out)
    hidden = {one["id"] for one in review["entries"] if one["redacted"] is not None}
    return Documents(
        about=_about(contents, kept_out, pack, root),
        answers=_answers(contents, kept_out, places),
        review=review,
        decision=_decision(contents, kept_out),
        receipt=dict(json.loads(contents.documents[contents.decision.receipt])),
        events=[line(one, partial(opens, kept_out, hidden, one.said)) for one in contents.events],
        checkpoint=pack["checkpoint"],
    )


def line(told: Told, shown: Callable[[str], bool]) -> Document:
    """An event as it stands in the pack, with what it commits to where `shown` says so."""
    return {
        "event": told.said,
        "number": told.number,
        "opened": {
            field: {"salt": salt, "value": value}
            for field, (salt, value) in told.private.items()
            if shown(field)
        },
    }


def _about(contents: Contents, kept_out: Closed, pack: Document, root: str) -> Document:
    """What was assessed, and what this pack is."""
    row, then = contents.assessment, newest_acknowledgement(contents)
    return {
        "pack": pack,
        "assessment": {
            "id": row.id,
            "cycle": row.cycle,
            "state": row.state,
            "organisation": then["organisation"],
            "created_at": row.created_at.isoformat(),
            "due": row.due.isoformat(),
            "returned_at": row.returned_at and row.returned_at.isoformat(),
            "submitted_at": row.submitted_at and row.submitted_at.isoformat(),
            "decided_at": contents.decision.at.isoformat(),
            "choice_reason": row.choice_reason,
            "facts": row.facts,
            **_decided_on(contents),
            "outcome": row.outcome,
        },
        "vendor": {
            "id": contents.vendor.id,
            "name": then["vendor"],
            "country": contents.vendor.country,
        },
        "engagement": {
            "id": contents.engagement.id,
            "title": then["engagement"],
            "description": contents.engagement.description,
            "services": row.facts["services"],
            "delivered_from": contents.engagement.delivered_from,
        },
        "intake": intake_document(contents.intake, contents.intake_release),
        "questionnaires": [questionnaire_document(release) for release in contents.releases],
        "submissions": _submissions(contents, kept_out, root),
        "receipts": _receipts(contents, root),
        "people": {} if kept_out.names else dict(contents.people),
    }


def _decided_on(contents: Contents) -> Document:
    """The score that was decided on; later receipts stand beside it in the pack."""
    result = json.loads(contents.documents[contents.decision.receipt])["result"]
    return {key: result[key] for key in ("tier", "shown", "blocked")}


def _submissions(contents: Contents, kept_out: Closed, root: str) -> list[Document]:
    return [
        {
            "number": one.number,
            "at": one.at.isoformat(),
            "by": {"name": None if kept_out.names else one.by_name, "role": one.by_role},
            "sha256": one.sha256,
            "file": None
            if kept_out.acknowledgements
            else f"{root}acknowledgements/{one.number}.json",
        }
        for one in contents.submissions
    ]


def _receipts(contents: Contents, root: str) -> list[Document]:
    return [
        {
            "number": one.number,
            "submission": one.submission,
            "as_of": one.as_of.isoformat(),
            "cause": one.cause,
            "tier": one.tier,
            "shown": one.shown,
            "sha256": one.sha256,
            "file": f"{root}receipts/{one.number}.json",
        }
        for one in contents.receipts
    ]


def _answers(contents: Contents, kept_out: Closed, places: Places) -> Document:
    """Every question as it was asked, with all that was said to it."""
    revisions: dict[str, list[RevisionRow]] = {}
    for revision in contents.revisions:
        revisions.setdefault(revision.question_id, []).append(revision)
    files: dict[str, list[EvidenceRow]] = {}
    for file in contents.evidence:
        files.setdefault(file.question_id, []).append(file)
    found, told = [], _told(contents)
    for release in contents.releases:
        shown = {one.id for one in asked(release, contents.assessment.facts, contents.values)}
        hidden = hidden_by(release, contents.assessment.facts, contents.values)
        sections = [
            {
                "id": section.id,
                "title": section.title,
                "questions": [
                    {
                        **question_document(question),
                        "redacted": kept_out.answers.get(question.id),
                        "asked": question.id in shown,
                        "not_asked_because": None
                        if question.id in shown
                        else _NOT_ASKED[hidden.get(question.id)],
                        "answer": _answer(
                            question, contents.answers.get(question.id), kept_out, told
                        ),
                        "revisions": [
                            _revision(question, one, kept_out)
                            for one in revisions.get(question.id, ())
                        ],
                        "evidence": [
                            _file(one, places, kept_out) for one in files.get(question.id, ())
                        ],
                    }
                    for question in section.questions
                ],
            }
            for section in release.sections
        ]
        found.append({"id": release.id, "release": release.release, "sections": sections})
    return {"questionnaires": found}


def _said(question: Question, row: AnswerRow | RevisionRow, kept_out: Closed) -> Document:
    away = row.value is None and row.na_reason is not None
    said = {
        "value": row.value,
        "words": DOES_NOT_APPLY if away else in_words(question, row.value),
        "na_reason": row.na_reason,
        "comment": row.comment,
    }
    redacted = kept_out.answers.get(question.id)
    return {
        "revision": row.revision,
        **(said if redacted is None else dict.fromkeys(said)),
        "redacted": redacted,
        "saved_at": row.saved_at.isoformat(),
    }


def _told(contents: Contents) -> set[str | None]:
    """Those of whom the trail still opens that they acted: who was erased is not known any more."""
    return {one.actor for one in contents.events}


def _answer(
    question: Question, row: AnswerRow | None, kept_out: Closed, told: Collection[str | None]
) -> Document | None:
    if row is None:
        return None
    return {
        **_said(question, row, kept_out),
        "standing": row.standing,
        "na_approved_by": [one if one in told else None for one in row.na_approvals],
        "na_refused": row.na_refused,
        "confirmed": row.confirmed,
        "compensating": row.compensating,
    }


def _revision(question: Question, row: RevisionRow, kept_out: Closed) -> Document:
    return {**_said(question, row, kept_out), "invitation": row.invitation_id}


def _file(row: EvidenceRow, places: Places, kept_out: Closed) -> Document:
    return {
        "question": row.question_id,
        "evidence": row.evidence_id,
        "version": row.version,
        "name": None if kept_out.hides_name(file_id(row)) else row.name or None,
        "redacted": kept_out.files.get(file_id(row)),
        "file": places[row.evidence_id, row.version],
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "issued_on": row.issued_on.isoformat(),
        "valid_until": row.valid_until and row.valid_until.isoformat(),
        "level": row.level,
        "uploaded_at": row.uploaded_at.isoformat(),
        "added_at": row.added_at.isoformat(),
        "ended_at": row.ended_at and row.ended_at.isoformat(),
        "submitted": row.submitted,
        "scan": row.scan,
        "erased_at": row.erased_at and row.erased_at.isoformat(),
        "erased_because": row.erased_because,
    }


def _review(contents: Contents, kept_out: Closed) -> Document:
    """The review thread in order, with what was taken back."""
    told = _told(contents)
    return {"entries": [_entry(one, kept_out, told) for one in contents.thread]}


def _entry(entry: EntryRow, kept_out: Closed, told: Collection[str | None]) -> Document:
    evidence = entry.evidence_id and f"{entry.evidence_id}/{entry.evidence_version}"
    redacted = hidden_entry(kept_out, entry.question_id, evidence)
    return {
        "id": entry.id,
        "question": entry.question_id,
        "evidence": evidence,
        "action": entry.action,
        "note": entry.note if redacted is None else None,
        "redacted": redacted,
        "submission": entry.submission,
        "by": entry.person_id if entry.person_id in told else None,
        "name": None if kept_out.names else entry.person_name,
        "at": entry.at.isoformat(),
        "undone_at": entry.undone_at and entry.undone_at.isoformat(),
    }


def _decision(contents: Contents, kept_out: Closed) -> Document:
    made = contents.decision
    sha256 = next(one.sha256 for one in contents.receipts if one.number == made.receipt)
    return {
        "outcome": made.outcome,
        "reasons": made.reasons,
        "conditions": made.conditions,
        "by": None if kept_out.names else made.person_name,
        "at": made.at.isoformat(),
        "receipt": made.receipt,
        "receipt_sha256": sha256,
    }
