"""What the scores of many assessments depend on, read page by page."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, tuple_
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer
from riskapp.answers.queries import AnswerRow
from riskapp.assessments.models import Assessment, AssessmentRelease
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.evidence.models import Evidence as File
from riskapp.evidence.models import EvidenceUse
from riskapp.evidence.scans import OPEN
from riskapp.releases.models import StoredRelease
from riskapp.releases.queries import texts
from riskapp.scoring.build import Case, Reviewed
from riskapp.scoring.constants import Level
from riskapp.scoring.service import reviewed
from riskapp.scoring.sheet import Evidence
from riskapp.vendors.intake import factors
from riskapp.vendors.models import Engagement, Intake, Vendor

PAGE = 200


@dataclass(frozen=True, slots=True)
class Scored:
    """An assessment that was scored before, with all that its score depends on.

    `case.releases` have the questions only that are asked of it, `sent` all of theirs.
    """

    id: str
    vendor_name: str
    engagement_title: str
    case: Case
    sent: Sequence[Release]


def scored(session: Session, library: Library, questionnaire: str) -> Iterator[Scored]:
    """Every assessment that was sent a release of a questionnaire, is scored and not erased.

    By vendor.

    Five statements at most for each page of 200, which is all that is held at a time.
    """
    behind: tuple[str, str] | None = None
    while True:
        query = _page(questionnaire).limit(PAGE)
        if behind is not None:
            query = query.where(tuple_(Vendor.name_key, Assessment.id) > tuple_(*behind))
        rows = session.execute(query).all()
        if rows:
            yield from _read(session, library, rows)
            behind = (rows[-1].name_key, rows[-1].id)
        if len(rows) < PAGE:
            return


def _page(questionnaire: str) -> Select[*tuple[Any, ...]]:
    was_sent = (
        select(AssessmentRelease.sha256)
        .join(StoredRelease, StoredRelease.sha256 == AssessmentRelease.sha256)
        .where(
            AssessmentRelease.assessment_id == Assessment.id,
            StoredRelease.questionnaire == questionnaire,
        )
    )
    return (
        select(
            Assessment.id,
            Assessment.facts,
            Vendor.name_key,
            Vendor.name,
            Engagement.title,
            Intake.release_sha256,
            Intake.answers,
        )
        .join(Vendor, Vendor.id == Assessment.vendor_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .join(
            Intake,
            (Intake.engagement_id == Engagement.id) & (Intake.number == Engagement.intake_number),
        )
        .where(Assessment.receipts > 0, Assessment.erased_at.is_(None), was_sent.exists())
        .order_by(Vendor.name_key, Assessment.id)
    )


def _read(session: Session, library: Library, rows: Sequence[Any]) -> Iterator[Scored]:
    ids = [row.id for row in rows]
    sent = _releases(session, library, ids)
    answers, files = _answers(session, ids), _files(session, ids)
    for row in rows:
        yield Scored(
            row.id,
            row.name,
            row.title,
            Case(
                releases=[library.narrowed(*one) for one in sent[row.id]],
                facts=row.facts,
                factors=factors(library.intake(row.release_sha256), row.answers),
                answers=answers[row.id],
                evidence=files[row.id],
            ),
            [release for release, _ in sent[row.id]],
        )


def _releases(
    session: Session, library: Library, ids: Sequence[str]
) -> Mapping[str, list[tuple[Release, Sequence[str]]]]:
    """The releases of each assessment in their order, with the ids of the questions asked."""
    rows = session.execute(
        select(
            AssessmentRelease.assessment_id, AssessmentRelease.sha256, AssessmentRelease.questions
        )
        .where(AssessmentRelease.assessment_id.in_(ids))
        .order_by(AssessmentRelease.assessment_id, AssessmentRelease.position)
    ).all()
    known = texts(session, library, sorted({row.sha256 for row in rows}))
    found = defaultdict(list)
    for row in rows:
        found[row.assessment_id].append((known[row.sha256], row.questions))
    return found


def _answers(session: Session, ids: Sequence[str]) -> Mapping[str, dict[str, Reviewed]]:
    columns = [getattr(Answer, name) for name in AnswerRow.__dataclass_fields__]
    found: Mapping[str, dict[str, Reviewed]] = defaultdict(dict)
    query = select(Answer.assessment_id, *columns).where(Answer.assessment_id.in_(ids))
    for assessment_id, *values in session.execute(query):
        answer = AnswerRow(*values)
        found[assessment_id][answer.question_id] = reviewed(answer)
    return found


def _files(session: Session, ids: Sequence[str]) -> Mapping[str, dict[str, list[Evidence]]]:
    """The files that count for each question, in the order in which they came."""
    rows = session.execute(
        select(
            EvidenceUse.assessment_id,
            EvidenceUse.question_id,
            EvidenceUse.level,
            File.erased_at,
            File.issued_on,
            File.valid_until,
        )
        .join(File, (EvidenceUse.evidence_id == File.id) & (EvidenceUse.version == File.version))
        .where(
            EvidenceUse.assessment_id.in_(ids),
            EvidenceUse.ended_at.is_(None),
            or_(File.erased_at.is_not(None), File.scan.in_(OPEN)),
        )
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )
    found: Mapping[str, dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for assessment_id, question_id, level, erased_at, issued_on, valid_until in rows:
        counted = Level(level) if erased_at is None else Level.ERASED
        evidence = Evidence(True, counted, issued_on, valid_until)
        found[assessment_id][question_id].append(evidence)
    return found
