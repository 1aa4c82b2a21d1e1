"""What can be kept out of a pack, or be all that is in it: questions and files, by section."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment, AssessmentRelease
from riskapp.assessments.rules import State
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.releases.queries import texts


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file that was submitted. `id` is as redactions name it: `<evidence id>/<version>`."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class OfferedQuestion:
    id: str
    text: str
    files: Sequence[OfferedFile]


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """A section of one questionnaire, in the words of the newest release of it that is packed."""

    title: str
    questionnaire: str
    questions: Sequence[OfferedQuestion]


def offered(
    session: Session, library: Library, vendor_id: str, assessment_id: str | None
) -> Sequence[OfferedSection]:
    """Sections in the order in which they were sent, each question once; in three statements.

    Of one assessment, or (None) of all that a vendor's whole history tells of: what is decided and
    not erased.
    """
    packed = _packed(vendor_id, assessment_id)
    rows = session.execute(
        packed.join(AssessmentRelease, AssessmentRelease.assessment_id == Assessment.id)
        .with_only_columns(AssessmentRelease.sha256, AssessmentRelease.questions)
        .order_by(Assessment.created_at.desc(), Assessment.id, AssessmentRelease.position)
    ).all()
    known = texts(session, library, [row.sha256 for row in rows])
    sent = [library.narrowed(known[row.sha256], row.questions) for row in rows]
    return list(_sections(sent, _files(session, packed)))


def _packed(vendor_id: str, assessment_id: str | None) -> Select[Any]:
    query = select(Assessment.id).where(
        Assessment.vendor_id == vendor_id,
        Assessment.state == State.DECIDED,
        Assessment.erased_at.is_(None),
    )
    return query if assessment_id is None else query.where(Assessment.id == assessment_id)


def _files(session: Session, packed: Select[Any]) -> dict[str, list[OfferedFile]]:
    """Each file at the first question that it serves; what was erased is out of every pack."""
    rows = session.execute(
        select(EvidenceUse.question_id, Evidence.id, Evidence.version, Evidence.name, Evidence.size)
        .join(
            Evidence,
            (EvidenceUse.evidence_id == Evidence.id) & (EvidenceUse.version == Evidence.version),
        )
        .where(
            EvidenceUse.assessment_id.in_(packed),
            EvidenceUse.submitted,
            Evidence.erased_at.is_(None),
        )
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )
    found: dict[str, list[OfferedFile]] = {}
    seen = set()
    for question, evidence, version, name, size in rows:
        if (evidence, version) not in seen:
            seen.add((evidence, version))
            file = OfferedFile(f"{evidence}/{version}", name, size)
            found.setdefault(question, []).append(file)
    return found


def _sections(
    sent: Iterable[Release], files: dict[str, list[OfferedFile]]
) -> Iterable[OfferedSection]:
    seen = set[str]()
    for release in sent:
        for section in release.sections:
            questions = [one for one in section.questions if one.id not in seen]
            seen.update(one.id for one in questions)
            if questions:
                yield OfferedSection(
                    section.title,
                    release.title,
                    [OfferedQuestion(one.id, one.text, files.get(one.id, ())) for one in questions],
                )
