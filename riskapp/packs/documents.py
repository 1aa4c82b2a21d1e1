"""The documents of a pack as JSON values, from what was read. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskapp.answers.queries import AnswerRow, RevisionRow
from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Choice, Maturity, Multiple, Question, Release, Table
from riskapp.catalogue.visible import asked, hidden_by
from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.queries import Contents

Document = dict[str, Any]
FORMAT = 1
"""Of the documents; grows when a reader of older packs would misread a newer one."""
DOES_NOT_APPLY = "Does not apply"
_NOT_ASKED = {
    None: "It does not apply to what is bought.",
    "gate": "The vendor's answer to another question says that it does not apply.",
    "control": "The vendor's answer to another question leaves nothing to ask here.",
}

Use = tuple[str, str, int]
"""A file as it serves a question: question id, evidence id, version."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What a pack says of one assessment, as JSON values, narrowed already.

    All that a pack holds beside them (report, tables, OSCAL) is made of these and of nothing else,
    so that what was kept out of one is in none. `events` are `{number, event, opened}`: of each
    the place in the log, its body, and what it commits to as far as the pack opens it.
    `checkpoint` is `{origin, size, root}`.
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
    """For whom a pack is made, by whom, why and until when it may be used."""

    recipient: str
    purpose: str
    by_kind: str
    by_id: str | None
    by_name: str | None
    until: date | None


def use_of(file: EvidenceRow) -> Use:
    return file.question_id, file.evidence_id, file.version


def questionnaire_path(release: Release) -> str:
    return f"data/questionnaires/{release.id}-{release.release}.yaml"


def newest_acknowledgement(contents: Contents) -> Document:
    """What the vendor submitted last: the names that stood when the answers were given."""
    return dict(json.loads(contents.submissions[-1].acknowledgement))


def assessment_document(contents: Contents, terms: Terms, left_out: Sequence[Document]) -> Document:
    """What was assessed, and what this pack is."""
    row, then = contents.assessment, newest_acknowledgement(contents)
    return {
        "pack": {
            "format": FORMAT,
            "recipient": terms.recipient,
            "purpose": terms.purpose,
            "exported_by": {"kind": terms.by_kind, "id": terms.by_id, "name": terms.by_name},
            "until": terms.until and terms.until.isoformat(),
            "last_event": contents.events[-1].id,
            "left_out": list(left_out),
        },
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
        "intake": _intake(contents),
        "questionnaires": [_questionnaire(release) for release in contents.releases],
        "submissions": _submissions(contents),
        "receipts": _receipts(contents),
        "people": dict(contents.people),
    }


def _decided_on(contents: Contents) -> Document:
    """The score that was decided on; later receipts stand beside it in the pack."""
    result = json.loads(contents.documents[contents.decision.receipt])["result"]
    return {key: result[key] for key in ("tier", "shown", "blocked")}


def _submissions(contents: Contents) -> list[Document]:
    return [
        {
            "number": one.number,
            "at": one.at.isoformat(),
            "by": {"name": one.by_name, "role": one.by_role},
            "sha256": one.sha256,
            "file": f"data/acknowledgements/{one.number}.json",
        }
        for one in contents.submissions
    ]


def _receipts(contents: Contents) -> list[Document]:
    return [
        {
            "number": one.number,
            "submission": one.submission,
            "as_of": one.as_of.isoformat(),
            "cause": one.cause,
            "tier": one.tier,
            "shown": one.shown,
            "sha256": one.sha256,
            "file": f"data/receipts/{one.number}.json",
        }
        for one in contents.receipts
    ]


def _questionnaire(release: Release) -> Document:
    return {
        "id": release.id,
        "release": release.release,
        "title": release.title,
        "sha256": release.sha256,
        "file": questionnaire_path(release),
        "asked": list(release.questions),
    }


def _intake(contents: Contents) -> Document:
    intake, release = contents.intake, contents.intake_release
    known = release.questions if release else {}
    return {
        "number": intake.number,
        "saved_at": intake.saved_at.isoformat(),
        "saved_by": intake.saved_by,
        "inherent_score": intake.score,
        "inherent_tier": intake.tier,
        "questionnaire": _questionnaire(release)
        if release
        else {"sha256": intake.release_sha256, "file": None},
        "answers": [
            {
                "question": name,
                "text": known[name].text if name in known else None,
                "value": value,
                "words": in_words(known[name], value) if name in known else None,
            }
            for name, value in sorted(intake.answers.items())
        ],
    }


def answers_document(contents: Contents, places: Mapping[Use, str | None]) -> Document:
    """Every question as it was asked, with all that was said to it. `places`: where files lie."""
    revisions: dict[str, list[RevisionRow]] = {}
    for revision in contents.revisions:
        revisions.setdefault(revision.question_id, []).append(revision)
    files: dict[str, list[EvidenceRow]] = {}
    for file in contents.evidence:
        files.setdefault(file.question_id, []).append(file)
    found = []
    for release in contents.releases:
        shown = {one.id for one in asked(release, contents.assessment.facts, contents.values)}
        hidden = hidden_by(release, contents.assessment.facts, contents.values)
        sections = [
            {
                "id": section.id,
                "title": section.title,
                "questions": [
                    {
                        **_question(question),
                        "asked": question.id in shown,
                        "not_asked_because": None
                        if question.id in shown
                        else _NOT_ASKED[hidden.get(question.id)],
                        "answer": _answer(question, contents.answers.get(question.id)),
                        "revisions": [
                            _revision(question, one) for one in revisions.get(question.id, ())
                        ],
                        "evidence": [
                            _file(one, places[use_of(one)]) for one in files.get(question.id, ())
                        ],
                    }
                    for question in section.questions
                ],
            }
            for section in release.sections
        ]
        found.append({"id": release.id, "release": release.release, "sections": sections})
    return {"questionnaires": found}


def _question(question: Question) -> Document:
    return {
        "id": question.id,
        "text": question.text,
        "why": question.why,
        "counts": question.counts,
        "answer_type": question.answer.type,
        "offered": _offered(question),
        "domain": question.domain,
        "weight": question.weight,
        "knockout": question.knockout
        and {"level": question.knockout.level, "below": str(question.knockout.below)},
        "evidence_wanted": question.evidence,
        "gate": question.gate,
        "required": question.required,
        "mappings": {name: list(values) for name, values in question.mappings.items()},
    }


def _offered(question: Question) -> list[Document]:
    """The options, levels or columns that stood before the vendor."""
    match question.answer:
        case Choice(options=options) | Multiple(options=options):
            return [{"id": option.id, "text": option.text} for option in options]
        case Maturity(levels=levels):
            return [{"id": level, "text": text} for level, text in enumerate(levels)]
        case Table(columns=columns):
            return [{"id": column.id, "text": column.title} for column in columns]
    return []


def _said(question: Question, row: AnswerRow | RevisionRow) -> Document:
    away = row.value is None and row.na_reason is not None
    return {
        "revision": row.revision,
        "value": row.value,
        "words": DOES_NOT_APPLY if away else in_words(question, row.value),
        "na_reason": row.na_reason,
        "comment": row.comment,
        "saved_at": row.saved_at.isoformat(),
    }


def _answer(question: Question, row: AnswerRow | None) -> Document | None:
    if row is None:
        return None
    return {
        **_said(question, row),
        "standing": row.standing,
        "na_approved_by": list(row.na_approvals),
        "na_refused": row.na_refused,
        "confirmed": row.confirmed,
        "compensating": row.compensating,
    }


def _revision(question: Question, row: RevisionRow) -> Document:
    return {**_said(question, row), "invitation": row.invitation_id}


def _file(row: EvidenceRow, place: str | None) -> Document:
    return {
        "question": row.question_id,
        "evidence": row.evidence_id,
        "version": row.version,
        "name": row.name or None,
        "file": place,
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


def review_document(contents: Contents) -> Document:
    """The review thread in order, with what was taken back."""
    return {
        "entries": [
            {
                "id": entry.id,
                "question": entry.question_id,
                "evidence": entry.evidence_id and f"{entry.evidence_id}/{entry.evidence_version}",
                "action": entry.action,
                "note": entry.note,
                "submission": entry.submission,
                "by": entry.person_id,
                "name": entry.person_name,
                "at": entry.at.isoformat(),
                "undone_at": entry.undone_at and entry.undone_at.isoformat(),
            }
            for entry in contents.thread
        ]
    }


def decision_document(contents: Contents) -> Document:
    made = contents.decision
    sha256 = next(one.sha256 for one in contents.receipts if one.number == made.receipt)
    return {
        "outcome": made.outcome,
        "reasons": made.reasons,
        "conditions": made.conditions,
        "by": made.person_name,
        "at": made.at.isoformat(),
        "receipt": made.receipt,
        "receipt_sha256": sha256,
    }
