"""Putting a file on a question and taking it off, in the caller's transaction.

What was submitted stays in history. What never was is destroyed with its key, unless a legal hold
keeps it, or its row is all that an erasure left: then the use ends and the file's row stays.
"""

from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from riskapp.audit.service import About, Actor, record
from riskapp.core.ids import new_id
from riskapp.evidence.models import Evidence, EvidenceUse, LegalHold, WrappedKey
from riskapp.evidence.placing import Place
from riskapp.evidence.removals import remember


def new_use(evidence_id: str, version: int, place: Place, now: datetime) -> EvidenceUse:
    return EvidenceUse(
        id=new_id(),
        assessment_id=place.assessment_id,
        question_id=place.question_id,
        evidence_id=evidence_id,
        version=version,
        added_at=now,
        ended_at=None,
        submitted=False,
        level="provided",
    )


def put_on(session: Session, evidence_id: str, version: int, place: Place, now: datetime) -> None:
    """Lets a file that is there serve one more answer, as an event."""
    use = new_use(evidence_id, version, place, now)
    session.add(use)
    session.flush()
    record(
        session,
        "evidence:use",
        About(f"{evidence_id}/{version}", place.vendor_id, place.assessment_id),
        actor=Actor("respondent", place.invitation_id),
        now=now,
        question=place.question_id,
        use=use.id,
    )


def held(session: Session, vendor_id: str, evidence_id: str) -> bool:
    """Whether a legal hold on the file, or on all of its vendor, stands."""
    query = select(LegalHold.id).where(
        LegalHold.vendor_id == vendor_id,
        LegalHold.lifted_at.is_(None),
        or_(LegalHold.evidence_id.is_(None), LegalHold.evidence_id == evidence_id),
    )
    return session.scalar(query.limit(1)) is not None


def end_use(
    session: Session, use: EvidenceUse, vendor_id: str, actor: Actor, now: datetime
) -> None:
    """Ends a live use, as an event. A blob that nothing holds waits for `unlink_removed`."""
    record(
        session,
        "evidence:remove",
        About(f"{use.evidence_id}/{use.version}", vendor_id, use.assessment_id),
        actor=actor,
        now=now,
        question=use.question_id,
        submitted_before=use.submitted,
    )
    if use.submitted or held(session, vendor_id, use.evidence_id) or _erased(session, use):
        use.ended_at = now
        return
    session.delete(use)
    session.flush()
    if not _served(session, use):
        _destroy(session, use, now)


def _erased(session: Session, use: EvidenceUse) -> bool:
    """Whether the file was erased: a certificate says that its row stays."""
    query = select(Evidence.erased_at).where(
        Evidence.id == use.evidence_id, Evidence.version == use.version
    )
    return session.scalar(query) is not None


def _served(session: Session, use: EvidenceUse) -> bool:
    """Whether the same version serves, or served, another answer."""
    others = session.scalar(
        select(func.count()).where(
            EvidenceUse.evidence_id == use.evidence_id, EvidenceUse.version == use.version
        )
    )
    return bool(others)


def _destroy(session: Session, use: EvidenceUse, now: datetime) -> None:
    evidence = session.get_one(Evidence, (use.evidence_id, use.version))
    session.execute(
        delete(WrappedKey).where(
            WrappedKey.subject == f"evidence:{use.evidence_id}", WrappedKey.version == use.version
        )
    )
    session.delete(evidence)
    session.flush()
    remember(session, evidence.blob, now)
