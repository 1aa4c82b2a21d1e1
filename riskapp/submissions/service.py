"""Submitting: answers and evidence are frozen together, acknowledged, and scored.

A room of its own, because no room below knows answers, evidence and scoring all three.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer
from riskapp.answers.queries import AnswerRow, answers, values
from riskapp.answers.service import Given, answer_digest
from riskapp.assessments.errors import WrongState
from riskapp.assessments.models import Assessment
from riskapp.assessments.queries import releases
from riskapp.assessments.rules import ANSWERABLE, State
from riskapp.assessments.service import locked, move
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.catalogue.visible import asked
from riskapp.core.canonical import canonical, digest
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused
from riskapp.core.sentences import Sentence
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.evidence.service import freeze
from riskapp.invites.queries import OpenedInvitation
from riskapp.scoring.service import score
from riskapp.submissions.errors import StillOpen
from riskapp.submissions.models import Submission
from riskapp.submissions.queries import asked_questions
from riskapp.submissions.rules import open_items

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who says that the answers are the vendor's."""

    name: str
    role: str


def submit(
    library: Library,
    invitation: OpenedInvitation,
    signatory: Signatory,
    *,
    organisation: str,
    now: datetime,
) -> int:
    """Submits an assessment and gives the submission's number.

    Raises FieldRefused for an empty name, StillOpen with the open items, WrongState where it was
    submitted already (a second press of the button) or is not with the vendor.
    """
    signatory = _checked(signatory)
    actor = Actor("respondent", invitation.id)
    with transaction() as session:
        row = locked(session, invitation.assessment_id)
        if State(row.state) not in ANSWERABLE:
            raise WrongState(State(row.state), "submitting")
        sent = releases(session, library, row.id)
        given, files = answers(session, row.id), of_assessment(session, row.id)
        items = open_items(
            asked_questions(sent, row.facts, values(given)), given, files, row.returned_at
        )
        if items:
            raise StillOpen(items)
        row.submissions += 1
        row.submitted_at = now
        freeze(session, row.id)
        session.execute(
            update(Answer).where(Answer.assessment_id == row.id).values(asked_back=False)
        )
        acknowledgement = {
            "organisation": organisation,
            "vendor": invitation.vendor_name,
            "engagement": invitation.engagement_title,
            "assessment": row.id,
            "submission": row.submissions,
            "submitted_at": now.isoformat(),
            "submitted_by": {"name": signatory.name, "role": signatory.role},
            "questionnaires": _questionnaires(sent),
            "answers": _answers(sent, row.facts, given),
            "evidence": [_file(file) for file in files],
            # So that its digest, which events hold for ever, betrays no answer to whoever guesses.
            "nonce": secrets.token_hex(16),
        }
        _store(session, row, acknowledgement, signatory, invitation.id, now)
        move(session, row, State.SUBMITTED, actor=actor, now=now, submission=row.submissions)
        score(session, library, row, cause=f"Submission {row.submissions}", actor=actor, now=now)
        return row.submissions


def _checked(signatory: Signatory) -> Signatory:
    name, role = " ".join(signatory.name.split()), " ".join(signatory.role.split())
    if not name:
        raise FieldRefused("name", Sentence("Enter your name: it stands on the acknowledgement."))
    if not role:
        missing = Sentence("Enter your role, for example “Information security officer”.")
        raise FieldRefused("role", missing)
    for field, text in (("name", name), ("role", role)):
        if len(text) > LONGEST:
            excess = Sentence("Use at most {longest} characters.", longest=LONGEST)
            raise FieldRefused(field, excess)
    return Signatory(name, role)


def _questionnaires(sent: list[Release]) -> list[dict[str, str]]:
    return [
        {"id": release.id, "release": release.release, "sha256": release.sha256} for release in sent
    ]


def _answers(
    sent: list[Release], facts: dict[str, Any], given: dict[str, AnswerRow]
) -> list[dict[str, Any]]:
    """Revision and digest of every answer to a question that is asked."""
    known = values(given)
    return [
        {
            "question": question.id,
            "revision": answer.revision,
            "sha256": answer_digest(Given(answer.value, answer.na_reason, answer.comment)),
        }
        for release in sent
        for question in asked(release, facts, known)
        if (answer := given.get(question.id)) is not None and answer.given
    ]


def _file(file: EvidenceRow) -> dict[str, Any]:
    return {
        "question": file.question_id,
        "evidence": file.evidence_id,
        "version": file.version,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "issued_on": file.issued_on.isoformat(),
        "valid_until": file.valid_until and file.valid_until.isoformat(),
    }


def _store(
    session: Session,
    row: Assessment,
    acknowledgement: dict[str, Any],
    signatory: Signatory,
    invitation_id: str,
    now: datetime,
) -> None:
    sha256 = digest(acknowledgement)
    session.add(
        Submission(
            assessment_id=row.id,
            number=row.submissions,
            invitation_id=invitation_id,
            by_name=signatory.name,
            by_role=signatory.role,
            at=now,
            acknowledgement=canonical(acknowledgement).decode(),
            sha256=sha256,
        )
    )
    session.flush()
    record(
        session,
        "submission:add",
        About(f"{row.id}/{row.submissions}", row.vendor_id, row.id),
        actor=Actor("respondent", invitation_id),
        now=now,
        sha256=sha256,
    )
