"""Evidence: the rows and keys of sealed files. The bytes arrive sealed (`riskapp.web.uploads`)."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from riskapp.assessments.service import locked
from riskapp.audit.models import Event
from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import Keyring, wrap_with
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.core.sentences import Sentence
from riskapp.evidence.errors import QuotaExceeded, Superseded
from riskapp.evidence.keys import VENDOR_KEY, vendor_key_for
from riskapp.evidence.models import Evidence, EvidenceUse, WrappedKey
from riskapp.evidence.placing import Place, Seat, ensure_open, lies_on, open_among
from riskapp.evidence.scans import Scan
from riskapp.evidence.uses import end_use, new_use, put_on
from riskapp.vendors.models import Vendor

__all__ = [
    "Dates",
    "Place",
    "SealedFile",
    "Seat",
    "checked_dates",
    "ensure_open",
    "freeze",
    "keep",
    "remove",
    "room_left",
    "seat",
]


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
        select(func.coalesce(func.sum(Evidence.size), 0)).where(
            Evidence.vendor_id == vendor_id, Evidence.erased_at.is_(None)
        )
    )
    used = int(used or 0)
    if used >= quota:
        raise QuotaExceeded(used, quota)
    return quota - used


def seat(session: Session, place: Place, replaces: str | None) -> Seat:
    """Which evidence the next file on a question is; decided before its body is read.

    `replaces` is the use whose file it takes the place of: then it is the next version of the same
    evidence. Raises NotFound for a use on another question, Superseded for one that is gone.
    """
    if replaces is None:
        return Seat(new_id(), 1)
    use = session.get(EvidenceUse, replaces)
    if use is not None and not lies_on(use, place):
        raise NotFound
    if use is None or use.ended_at is not None:
        raise Superseded(place.question_id)
    return Seat(use.evidence_id, _next_version(session, place.vendor_id, use.evidence_id))


def _next_version(session: Session, vendor_id: str, evidence_id: str) -> int:
    """By the events, for a draft that was destroyed has had its number."""
    kept = session.scalars(
        select(Event.object_id).where(
            Event.vendor_id == vendor_id,
            Event.type == "evidence:keep",
            Event.object_id.startswith(f"{evidence_id}/", autoescape=True),
        )
    )
    last = session.scalar(select(func.max(Evidence.version)).where(Evidence.id == evidence_id))
    return max([last or 0, *(int(name.rpartition("/")[2]) for name in kept)]) + 1


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

    `replaces` is the use that the new file takes the place of, as `seat` was told. Where the old
    one serves other answers of the assessment that the vendor may change, they get the new one
    too. What was submitted before stays in history; a file that never was is gone, and its blob
    waits for `unlink_removed`. Raises EvidenceClosed, NotFound; Superseded where somebody else
    replaced or removed the old file, QuotaExceeded where others took the room, in the meantime.
    """
    actor = Actor("respondent", place.invitation_id)
    with transaction() as session:
        locked(session, place.assessment_id)
        ensure_open(session, place)
        _hold_vendor(session, place.vendor_id)
        questions = [place.question_id]
        if replaces is not None:
            questions += _vacated(session, file, replaces, place, now)
        room = room_left(session, place.vendor_id, quota)
        if file.size > room:
            raise QuotaExceeded(quota - room, quota)
        session.add_all([_key(session, file, place, keyring, now), _row(file, dates, place, now)])
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
        session.add(new_use(file.evidence_id, file.version, place, now))
        for question_id in questions[1:]:
            there = replace(place, question_id=question_id)
            put_on(session, file.evidence_id, file.version, there, now)


def _key(
    session: Session, file: SealedFile, place: Place, keyring: Keyring, now: datetime
) -> WrappedKey:
    vendor_key_id, vendor_key = vendor_key_for(session, place.vendor_id, keyring, now)
    return WrappedKey(
        id=new_id(),
        subject=f"evidence:{file.evidence_id}",
        version=file.version,
        provider=VENDOR_KEY,
        wrapping_key_id=vendor_key_id,
        wrapped=wrap_with(vendor_key, file.key),
        created_at=now,
    )


def _hold_vendor(session: Session, vendor_id: str) -> None:
    """So that uploads which end at once share neither the same room nor the same version.

    A legal hold waits for it too: none is placed between the look at holds and what is destroyed.
    """
    session.execute(select(Vendor.id).where(Vendor.id == vendor_id).with_for_update())


def _vacated(
    session: Session, file: SealedFile, replaces: str, place: Place, now: datetime
) -> list[str]:
    """Ends the uses of the old file wherever the vendor may change them.

    Gives the other questions that had it, in the order in which it came to them.
    """
    replaced = session.get(EvidenceUse, replaces)
    if replaced is not None and not lies_on(replaced, place):
        raise NotFound
    if (
        replaced is None
        or replaced.ended_at is not None
        or replaced.evidence_id != file.evidence_id
        or _next_version(session, place.vendor_id, file.evidence_id) != file.version
    ):
        raise Superseded(place.question_id)
    served = session.scalars(
        select(EvidenceUse)
        .where(
            EvidenceUse.assessment_id == place.assessment_id,
            EvidenceUse.evidence_id == file.evidence_id,
            EvidenceUse.ended_at.is_(None),
        )
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    ).all()
    names = list(dict.fromkeys(use.question_id for use in served))
    open_now = open_among(session, place.assessment_id, names)
    actor = Actor("respondent", place.invitation_id)
    for use in served:
        if use.question_id in open_now:
            end_use(session, use, place.vendor_id, actor, now)
    return [name for name in names if name in open_now and name != place.question_id]


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


def remove(use_id: str, place: Place, *, now: datetime) -> None:
    """Takes a file off a question; a blob that nothing holds waits for `unlink_removed`.

    Raises EvidenceClosed, NotFound.
    """
    with transaction() as session:
        locked(session, place.assessment_id)
        ensure_open(session, place)
        use = session.get(EvidenceUse, use_id)
        if use is None or use.ended_at is not None or not lies_on(use, place):
            raise NotFound
        _hold_vendor(session, place.vendor_id)
        end_use(session, use, place.vendor_id, Actor("respondent", place.invitation_id), now)


def freeze(session: Session, assessment_id: str) -> None:
    """Marks what lies on an assessment as submitted, in the caller's transaction."""
    session.execute(
        update(EvidenceUse)
        .where(EvidenceUse.assessment_id == assessment_id, EvidenceUse.ended_at.is_(None))
        .values(submitted=True)
    )
