"""Whether what a person overrode still stands, or was undone, replaced or overtaken since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased

from riskapp.answers.models import Answer
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.reviews.models import Decision, ReviewEntry
from riskapp.reviews.rules import EVIDENCE_LEVEL, Action
from riskapp.scoring.models import SchemeAdoption, TransferOverride

Place = tuple[str, str]
"""Assessment and question."""


class Standing(StrEnum):
    STANDS = "stands"
    UNDONE = "undone"
    REPLACED = "replaced"
    """By a later word on the same thing."""
    OVERTAKEN = "overtaken"
    """What it was about is another one now: another revision, another file, a later cycle."""
    CANCELLED = "cancelled"
    """With its assessment."""
    ERASED = "erased"
    """By the rules of retention: what became of it is not known any more."""
    PASSING = "passing"
    """An act that leaves nothing that could stand: an undoing, a withdrawal."""


@dataclass(frozen=True, slots=True)
class Override:
    """One override, as its event says it."""

    type: str
    object_id: str
    assessment_id: str | None
    question: str | None
    entry: str | None
    """In the thread of the review."""
    number: int | None
    """Of an adoption, or of a word on a country."""


REPLACING: Mapping[str, Collection[str]] = {
    Action.APPROVE_NA: {Action.REFUSE_NA},
    Action.REFUSE_NA: {Action.APPROVE_NA},
    Action.COMPENSATE: {Action.COMPENSATE, Action.REJECT},
    Action.EVIDENCE_INDEPENDENT: set(EVIDENCE_LEVEL),
}
"""What takes the place of an action on the same answer, or the same file. Approvals add up."""


@dataclass(frozen=True, slots=True)
class _Known:
    states: Mapping[str, str]
    erased: Collection[str]
    entries: Mapping[str, ReviewEntry]
    threads: Mapping[Place, Sequence[ReviewEntry]]
    revisions: Mapping[Place, int]
    uses: Collection[tuple[str, str, str, int]]
    newest_words: Mapping[str, int]
    adoption: int
    later_decided: Collection[str]


def standings(session: Session, overrides: Sequence[Override]) -> list[Standing]:
    """In the order of what is asked. Eight statements at most, whatever their number."""
    ids = {one.assessment_id for one in overrides if one.assessment_id}
    places = {
        (one.assessment_id, one.question) for one in overrides if one.assessment_id and one.question
    }
    known = _known(session, ids, places, {one.object_id for one in overrides})
    return [_standing(one, known) for one in overrides]


def _known(
    session: Session, ids: Collection[str], places: Collection[Place], codes: Collection[str]
) -> _Known:
    rows = session.execute(
        select(Assessment.id, Assessment.state, Assessment.erased_at).where(Assessment.id.in_(ids))
    ).all()
    entries = session.scalars(
        select(ReviewEntry)
        .where(tuple_(ReviewEntry.assessment_id, ReviewEntry.question_id).in_(places))
        .order_by(ReviewEntry.position)
    ).all()
    threads: dict[Place, list[ReviewEntry]] = {}
    for entry in entries:
        threads.setdefault((entry.assessment_id, entry.question_id), []).append(entry)
    return _Known(
        states={row[0]: row[1] for row in rows},
        erased={row[0] for row in rows if row[2] is not None},
        entries={entry.id: entry for entry in entries},
        threads=threads,
        revisions=_revisions(session, places),
        uses=_uses(session, places),
        newest_words=_newest_words(session, codes),
        adoption=session.scalar(select(func.max(SchemeAdoption.number))) or 0,
        later_decided=_later_decided(session, ids),
    )


def _revisions(session: Session, places: Collection[Place]) -> dict[Place, int]:
    rows = session.execute(
        select(Answer.assessment_id, Answer.question_id, Answer.revision).where(
            tuple_(Answer.assessment_id, Answer.question_id).in_(places)
        )
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _uses(session: Session, places: Collection[Place]) -> set[tuple[str, str, str, int]]:
    """Where files lie now that are not erased."""
    rows = session.execute(
        select(
            EvidenceUse.assessment_id,
            EvidenceUse.question_id,
            EvidenceUse.evidence_id,
            EvidenceUse.version,
        )
        .join(
            Evidence,
            (Evidence.id == EvidenceUse.evidence_id) & (Evidence.version == EvidenceUse.version),
        )
        .where(
            tuple_(EvidenceUse.assessment_id, EvidenceUse.question_id).in_(places),
            EvidenceUse.ended_at.is_(None),
            Evidence.erased_at.is_(None),
        )
    )
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def _newest_words(session: Session, codes: Collection[str]) -> dict[str, int]:
    rows = session.execute(
        select(TransferOverride.code, func.max(TransferOverride.number))
        .where(TransferOverride.code.in_(codes))
        .group_by(TransferOverride.code)
    )
    return {row[0]: row[1] for row in rows}


def _later_decided(session: Session, ids: Collection[str]) -> set[str]:
    """The assessments of whose engagement a later cycle was decided."""
    later: Any = aliased(Assessment)
    rows = session.execute(
        select(Assessment.id)
        .join(
            later,
            (later.engagement_id == Assessment.engagement_id) & (later.cycle > Assessment.cycle),
        )
        .join(Decision, Decision.assessment_id == later.id)
        .where(Assessment.id.in_(ids))
    )
    return {row[0] for row in rows}


def _standing(one: Override, known: _Known) -> Standing:
    subject, _, verb = one.type.partition(":")
    if verb in {"withdraw", Action.UNDO}:
        return Standing.PASSING
    match subject:
        case "transfer-override":
            newest = known.newest_words.get(one.object_id)
            return Standing.STANDS if newest == one.number else Standing.REPLACED
        case "scheme":
            return Standing.STANDS if known.adoption == one.number else Standing.REPLACED
    if known.states.get(one.assessment_id or "") == State.CANCELLED:
        return Standing.CANCELLED
    if subject == "review":
        return _of_review(one, known)
    over = subject == "decision" and one.assessment_id in known.later_decided
    return Standing.OVERTAKEN if over else Standing.STANDS


def _of_review(one: Override, known: _Known) -> Standing:
    entry = known.entries.get(one.entry or "")
    if entry is None:
        return Standing.ERASED
    if entry.undone_at is not None:
        return Standing.UNDONE
    place = (entry.assessment_id, entry.question_id)
    if entry.evidence_id is not None:
        there = (*place, entry.evidence_id, entry.evidence_version) in known.uses
    else:
        there = known.revisions.get(place) == entry.before["revision"]
    if not there:
        return Standing.OVERTAKEN
    later = (
        other
        for other in known.threads.get(place, ())
        if other.position > entry.position
        and other.undone_at is None
        and (other.evidence_id, other.evidence_version)
        == (entry.evidence_id, entry.evidence_version)
        and other.action in REPLACING.get(entry.action, ())
    )
    return Standing.REPLACED if any(later) else Standing.STANDS
