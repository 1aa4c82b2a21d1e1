"""Taking a file in: cheap refusals first, then one pass over the body, then one transaction."""

from datetime import date
from typing import cast

from flask import current_app, request

from riskapp.core.crypto.sealed import context, new_key
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.core.ids import new_id
from riskapp.core.scanning import Clean, Infected, Unscanned, Verdict
from riskapp.core.sentences import Sentence
from riskapp.core.storage.port import StoreUnavailable
from riskapp.custody.quarantine import note_refused
from riskapp.evidence.names import display_name
from riskapp.evidence.problems import InfectedRefused
from riskapp.evidence.removals import tidy
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import (
    Place,
    SealedFile,
    Seat,
    checked_dates,
    ensure_open,
    keep,
    room_left,
    seat,
)
from riskapp.evidence.sniff import check, tail_bytes
from riskapp.extensions import csrf
from riskapp.logs import log
from riskapp.web.ports import ports
from riskapp.web.sinks import Received, Seal
from riskapp.web.uploads import Request, receive


def take_in(place: Place, replaces: str | None) -> str:
    """Receives the request's file as evidence; gives the name that it is shown by.

    Raises EvidenceClosed, QuotaExceeded, UploadRefused, CSRFError, FieldRefused, TypeRefused,
    InfectedRefused, StoreUnavailable, NotFound, Superseded: then nothing was kept. `replaces` is in
    the address and not in the form: what the file is bound to has to be known before the form is
    read.
    """
    parts = ports()
    ensure_open(reading(), place)
    room = room_left(reading(), place.vendor_id, parts.settings.vendor_quota)
    spot, key = seat(reading(), place, replaces), new_key()
    reading().rollback()  # no transaction stays open while a slow body is read

    def seal() -> Seal:
        bound = context(place.vendor_id, spot.evidence_id, spot.version)
        blob = parts.blobs.create(new_id())
        return Seal(key, bound, blob, parts.scanner, lambda raw: tail_bytes(display_name(raw)))

    limit = min(parts.settings.upload_limit, room)
    with receive(cast(Request, request), limit=limit, seal=seal) as received:
        if current_app.config["WTF_CSRF_ENABLED"]:
            csrf.protect()
        now = parts.clock.now()  # a large file may take hours, in which others go on
        if isinstance(received.verdict, Infected):
            found = received.verdict.signature
            note_refused(place, spot.evidence_id, spot.version, found, now)
            raise InfectedRefused(found)
        dates = checked_dates(_day("issued_on"), _day("valid_until"), today=now.date())
        file = _sealed(received, spot, key)
        keep(
            file,
            dates,
            place,
            replaces=replaces,
            quota=parts.settings.vendor_quota,
            keyring=parts.keyring,
            now=now,
        )
        _settle(received)
    tidy(parts.blobs)
    return file.name


def _settle(received: Received) -> None:
    """Settles a blob whose row is committed; it is found unsettled too, so nothing is lost."""
    try:
        received.settle()
    except StoreUnavailable as error:
        log.error("blob left unsettled for the next start", error=type(error).__name__)


def _sealed(received: Received, spot: Seat, key: bytes) -> SealedFile:
    name = display_name(received.filename)
    scan, note = _scanned(received.verdict)
    return SealedFile(
        evidence_id=spot.evidence_id,
        version=spot.version,
        blob=received.blob_name,
        key=key,
        name=name,
        media_type=check(name, received.head, received.tail, received.size),
        size=received.size,
        sha256=received.sha256,
        crc32=received.crc32,
        sealed_size=received.sealed_size,
        seal=received.seal,
        scan=scan,
        scan_note=note,
    )


def _scanned(verdict: Verdict | None) -> tuple[Scan, str]:
    """What is known of a file that is kept, and why no more is."""
    match verdict:
        case None:
            return Scan.UNSCANNED, ""
        case Clean():
            return Scan.CLEAN, ""
        case Unscanned(why=why):
            return Scan.QUARANTINED, why
        case Infected():
            raise ValueError("an infected file is not kept")


def _day(field: str) -> date | None:
    text = request.form.get(field, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        unreal = Sentence("That is no day of the calendar. Write it as 2026-11-23.")
        raise FieldRefused(field, unreal) from fault
