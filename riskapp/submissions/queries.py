from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.visible import asked
from riskapp.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    number: int
    by_name: str
    by_role: str
    at: datetime
    acknowledgement: str
    sha256: str


def submissions(session: Session, assessment_id: str) -> Sequence[SubmissionRow]:
    """What was submitted, oldest first."""
    rows = session.execute(
        select(
            Submission.number,
            Submission.by_name,
            Submission.by_role,
            Submission.at,
            Submission.acknowledgement,
            Submission.sha256,
        )
        .where(Submission.assessment_id == assessment_id)
        .order_by(Submission.number)
    )
    return [SubmissionRow(*row) for row in rows]


def asked_questions(
    releases: Sequence[Release], facts: Mapping[str, Any], values: Mapping[str, Any]
) -> list[tuple[Release, str, Question]]:
    """What the vendor is asked, given the answers so far: release, section id, question."""
    found = []
    for release in releases:
        section_of = {
            question.id: section.id
            for section in release.sections
            for question in section.questions
        }
        found += [
            (release, section_of[question.id], question)
            for question in asked(release, facts, values)
        ]
    return found
