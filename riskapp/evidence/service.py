"""Evidence: the rows and keys of sealed files. The bytes arrive sealed (`riskapp.web.uploads`)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer
from riskapp.answers.rules import open_to_vendor
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.assessments.service import locked
from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import Keyring, wrap_with
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.core.sentences import Sentence
from riskapp.evidence.errors import EvidenceClosed, QuotaExceeded
from riskapp.evidence.keys import VENDOR_KEY, vendor_key_for
from riskapp.evidence.models import Evidence, EvidenceUse, WrappedKey
from riskapp.evidence.removals import remember
from riskapp.evidence.scans import Scan
from riskapp.vendors.models import Vendor


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that lies sealed in the store, and the key that opens it."""

    evidence_id: str
    version: int
    blob: str
    key: bytes = field(repr=False)  # no log and no traceback shows it
    name: str
    media_type: str
    size: int
    sha256: str
    crc32: int
    sealed_size: int
    seal: str
    """The first bytes of what is stored, in hexadecimal; no two files share them"""
    scan: Scan
    scan_note: str = ""


@dataclass(frozen=True, slots=True)
class Dates:
    """What the vendor says of the file: when it was issued, and until when it is valid."""

    issued_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file belongs: by whose link, on which question."""

    assessment_id: str
    vendor_id: str
    invitation_id: str
    question_id: str


def checked_dates(issued_on: date | None, valid_until: date | None, *, today: date) -> Dates:
    """Raises FieldRefused naming the date that cannot be."""
    if issued_on is None:
        missing = Sentence("Enter the day on which the document was issued.")
        raise FieldRefused("issued_on", missing)
    if issued_on > today:
        raise FieldRefused("issued_on", Sentence("The day of issue cannot lie in the future."))
    if valid_until is not None and valid_until < issued_on:
        reversed_days = Sentence("“Valid until” cannot lie before the day of issue.")
        raise FieldRefused("valid_until", reversed_days)
    return Dates(issued_on, valid_until)


def room_left(session: Session, vendor_id: str, quota: int) -> int:
    """How many bytes the vendor may still upload. Raises QuotaExceeded when there are none."""
    used = session.scalar(
        select(func.coalesce(func.sum(Evidence.size), 0)).where(Evidence.vendor_id == vendor_id)
    )
    used = int(used or 0)
    if used >= quota:
        raise QuotaExceeded(used, quota)
    return quota - used


def ensure_open(session: Session, place: Place) -> None:
    """Raises EvidenceClosed, NotFound: asked before a body is read, and again when it is kept."""
    row = session.execute(
        select(
            Assessment.state,
            Assessment.returned_at,
            Answer.asked_back,
            Answer.value,
            Answer.na_reason,
            Answer.saved_at,
        )
        .select_from(Assessment)
        .outerjoin(
            Answer,
            (Answer.assessment_id == Assessment.id) & (Answer.question_id == place.question_id),
        )
        .where(Assessment.id == place.assessment_id)
    ).first()
    if row is None:
        raise NotFound
    takes = open_to_vendor(
        State(row[0]),
        asked_back=bool(row[2]),
        given=row[3] is not None or row[4] is not None,
        saved_at=row[5],
        returned_at=row[1],
    )
    if not takes:
        raise EvidenceClosed(place.question_id)


def keep(
    file: SealedFile,
    dates: Dates,
    place: Place,
    *,
    replaces: str | None,
    quota: int,
    keyring: Keyring,
    now: datetime,
) -> None:
    """Makes a sealed file evidence on a question.

    `replaces` is the use that the new file takes the place of. What was submitted before stays in
    history; a file that never was is gone, and its blob waits for `unlink_removed`. Raises
    EvidenceClosed, NotFound; QuotaExceeded where others took the room while the file came in.
    """
    actor = Actor("respondent", place.invitation_id)
    with transaction() as session:
        locked(session, place.assessment_id)
        ensure_open(session, place)
        if replaces is not None:
            _end_use(session, replaces, place, actor, now)
        _room_for(session, place.vendor_id, file.size, quota)
        vendor_key_id, vendor_key = vendor_key_for(session, place.vendor_id, keyring, now)
        session.add_all(
            [
                WrappedKey(
                    id=new_id(),
                    subject=f"evidence:{file.evidence_id}",
                    version=file.version,
                    provider=VENDOR_KEY,
                    wrapping_key_id=vendor_key_id,
                    wrapped=wrap_with(vendor_key, file.key),
                    created_at=now,
                ),
                _row(file, dates, place, now),
                _use(file, place, now),
            ]
        )
        session.flush()
        record(
            session,
            "evidence:keep",
            About(f"{file.evidence_id}/{file.version}", place.vendor_id, place.assessment_id),
            actor=actor,
            now=now,
            question=place.question_id,
            size=file.size,
            sha256=file.sha256,
            seal=file.seal,
            blob=file.blob,
            scan=file.scan,
            replaces=replaces,
        )


def _row(file: SealedFile, dates: Dates, place: Place, now: datetime) -> Evidence:
    return Evidence(
        id=file.evidence_id,
        version=file.version,
        vendor_id=place.vendor_id,
        blob=file.blob,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        crc32=file.crc32,
        sealed_size=file.sealed_size,
        seal=file.seal,
        scan=file.scan,
        scan_note=file.scan_note,
        scanned_at=None if file.scan is Scan.UNSCANNED else now,
        issued_on=dates.issued_on,
        valid_until=dates.valid_until,
        uploaded_by=place.invitation_id,
        uploaded_at=now,
    )


def _use(file: SealedFile, place: Place, now: datetime) -> EvidenceUse:
    return EvidenceUse(
        id=new_id(),
        assessment_id=place.assessment_id,
        question_id=place.question_id,
        evidence_id=file.evidence_id,
        version=file.version,
        added_at=now,
        ended_at=None,
        submitted=False,
        level="provided",
    )


def _room_for(session: Session, vendor_id: str, size: int, quota: int) -> None:
    """Holds the vendor, so that uploads which end at once do not share the same room."""
    session.execute(select(Vendor.id).where(Vendor.id == vendor_id).with_for_update())
    room = room_left(session, vendor_id, quota)
    if size > room:
        raise QuotaExceeded(quota - room, quota)


def remove(use_id: str, place: Place, *, now: datetime) -> None:
    """Takes a file off a question; a blob that nothing holds waits for `unlink_removed`.

    Raises EvidenceClosed, NotFound.
    """
    with transaction() as session:
        locked(session, place.assessment_id)
        ensure_open(session, place)
        _end_use(session, use_id, place, Actor("respondent", place.invitation_id), now)


def _end_use(session: Session, use_id: str, place: Place, actor: Actor, now: datetime) -> None:
    use = session.get(EvidenceUse, use_id)
    if (
        use is None
        or use.ended_at is not None
        or (use.assessment_id, use.question_id) != (place.assessment_id, place.question_id)
    ):
        raise NotFound
    record(
        session,
        "evidence:remove",
        About(f"{use.evidence_id}/{use.version}", place.vendor_id, place.assessment_id),
        actor=actor,
        now=now,
        question=place.question_id,
        submitted_before=use.submitted,
    )
    if use.submitted:
        use.ended_at = now
        return
    session.delete(use)
    session.flush()
    others = session.scalar(
        select(func.count()).where(
            EvidenceUse.evidence_id == use.evidence_id, EvidenceUse.version == use.version
        )
    )
    if others:
        return
    evidence = session.get_one(Evidence, (use.evidence_id, use.version))
    session.execute(
        delete(WrappedKey).where(
            WrappedKey.subject == f"evidence:{use.evidence_id}", WrappedKey.version == use.version
        )
    )
    session.delete(evidence)
    session.flush()
    remember(session, evidence.blob, now)


def freeze(session: Session, assessment_id: str) -> None:
    """Marks what lies on an assessment as submitted, in the caller's transaction."""
    session.execute(
        update(EvidenceUse)
        .where(EvidenceUse.assessment_id == assessment_id, EvidenceUse.ended_at.is_(None))
        .values(submitted=True)
    )
