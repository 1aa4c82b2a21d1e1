"""Files that wait for the virus scanner: looked at again until it has said something of them.

A file that nobody can vouch for stays shut. What the scanner finds clean counts from then on; what
it finds infected is destroyed, as an erasure that nobody asked for.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from riskapp.audit.service import CLOCK, About, Actor, record
from riskapp.core.crypto.keyring import Keyring, MasterKeyMissing, UnwrapFailed
from riskapp.core.crypto.sealed import SealBroken, context, unseal
from riskapp.core.db import reading, transaction
from riskapp.core.errors import NotFound
from riskapp.core.scanning import Clean, Infected, Scanner, Unscanned, Verdict
from riskapp.core.storage.port import BlobMissing, StoreUnavailable
from riskapp.custody.certificates import Scope
from riskapp.custody.erasing import Means, Version, Wish, destroy, sealed_digests
from riskapp.custody.errors import NothingToErase, UnderHold
from riskapp.evidence.keys import data_key
from riskapp.evidence.models import Evidence, LegalHold
from riskapp.evidence.placing import Place
from riskapp.evidence.removals import tidy
from riskapp.evidence.scans import Scan
from riskapp.scoring.users import hold_users, score_users

MOST = 50
"""So many files are looked at in a round"""
LONGEST = timedelta(minutes=4)
"""After so much time no other file is begun: the next round goes on"""
NO_SCANNER = "no virus scanner is set up any more"
DOES_NOT_OPEN = "its stored bytes do not open"
NO_STORE = "the store of files does not answer"
CAUSE = "A file left quarantine"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file in quarantine and why, or found infected and by what; with what opens it."""

    evidence_id: str
    version: int
    vendor_id: str
    blob: str
    note: str


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round, in files."""

    clean: int = 0
    infected: int = 0
    waiting: int = 0


def release(
    means: Means, keyring: Keyring, scanner: Scanner | None, *, now: datetime, most: int = MOST
) -> Round:
    """Shows quarantined files to the scanner again, those first that wait longest for it.

    Each file that gets a verdict is a transaction of its own; no transaction is open while one is
    read. Where another process was faster, nothing is left to do. Raises StoreUnavailable.
    """
    done, stop = Round(), time.monotonic() + LONGEST.total_seconds()
    for file in _waiting(most):
        if time.monotonic() > stop:
            break
        verdict = Unscanned(NO_SCANNER) if scanner is None else _seen(file, means, keyring, scanner)
        match verdict:
            case Clean():
                _let_out(file, now)
                done = replace(done, clean=done.clean + 1)
            case Infected(signature=signature):
                _shut(file, signature, now)
                done = replace(done, infected=done.infected + 1)
            case Unscanned(why=why):
                _wait_on(file, why, now)
                done = replace(done, waiting=done.waiting + 1)
    _destroy_infected(means, now, most)
    return done


def note_refused(place: Place, evidence_id: str, version: int, found: str, now: datetime) -> None:
    """Records that an infected file was refused while it came in; nothing of it was kept."""
    with transaction() as session:
        record(
            session,
            "evidence:refused",
            About(f"{evidence_id}/{version}", place.vendor_id, place.assessment_id),
            actor=Actor("respondent", place.invitation_id),
            now=now,
            question=place.question_id,
            signature=found,
        )


def _waiting(most: int) -> Sequence[Waiting]:
    return _files(Evidence.scan == Scan.QUARANTINED, most)


def _infected(most: int) -> Sequence[Waiting]:
    """Those that no legal hold keeps."""
    held = exists().where(
        LegalHold.vendor_id == Evidence.vendor_id,
        LegalHold.lifted_at.is_(None),
        or_(LegalHold.evidence_id.is_(None), LegalHold.evidence_id == Evidence.id),
    )
    return _files(and_(Evidence.scan == Scan.INFECTED, ~held), most)


def _files(which: ColumnElement[bool], most: int) -> Sequence[Waiting]:
    query = (
        select(Evidence.id, Evidence.version, Evidence.vendor_id, Evidence.blob, Evidence.scan_note)
        .where(which, Evidence.erased_at.is_(None))
        .order_by(Evidence.scanned_at, Evidence.id, Evidence.version)
        .limit(most)
    )
    found = [Waiting(*row) for row in reading().execute(query)]
    reading().rollback()
    return found


def _seen(file: Waiting, means: Means, keyring: Keyring, scanner: Scanner) -> Verdict:
    """What the scanner says of the plaintext, which goes past it and is kept nowhere."""
    scan = scanner.begin(patient=True)
    try:
        if not scan.given_up:
            for piece in _plaintext(file, means, keyring):
                scan.write(piece)
                if scan.given_up:
                    break
        return scan.finish()
    except (SealBroken, BlobMissing, NotFound, MasterKeyMissing, UnwrapFailed):
        return Unscanned(DOES_NOT_OPEN)
    except StoreUnavailable:
        return Unscanned(NO_STORE)
    finally:
        scan.abort()
        reading().rollback()


def _plaintext(file: Waiting, means: Means, keyring: Keyring) -> Iterator[bytes]:
    key = data_key(reading(), file.vendor_id, file.evidence_id, file.version, keyring)
    reading().rollback()  # nothing stays open while gigabytes are read
    bound = context(file.vendor_id, file.evidence_id, file.version)
    return unseal(key, bound, means.blobs.read(file.blob))


def _judge(
    session: Session,
    file: Waiting,
    scan: Scan,
    note: str,
    now: datetime,
    signature: str | None = None,
) -> bool:
    """Writes a verdict on a file that still waits; whatever it serves is held from here on."""
    users = hold_users(session, [_version(file)])
    row = session.get(Evidence, _version(file))
    if row is None or row.scan != Scan.QUARANTINED or row.erased_at is not None:
        return False  # another process was faster, or it was replaced or erased meanwhile
    row.scan, row.scan_note, row.scanned_at = scan, note, now
    about = About(
        f"{file.evidence_id}/{file.version}", file.vendor_id, users[0].id if users else None
    )
    record(session, f"evidence:{scan}", about, actor=CLOCK, now=now, signature=signature)
    return True


def _let_out(file: Waiting, now: datetime) -> None:
    with transaction() as session:
        if not _judge(session, file, Scan.CLEAN, "", now):
            return
        score_users(session, [_version(file)], cause=CAUSE, actor=CLOCK, now=now)


def _shut(file: Waiting, signature: str, now: datetime) -> None:
    """For good. A score does not move: what was in quarantine did not count before."""
    with transaction() as session:
        _judge(session, file, Scan.INFECTED, signature, now, signature=signature)


def _destroy_infected(means: Means, now: datetime, most: int) -> None:
    """Also what a legal hold kept before; while one stands, a file stays and stays shut.

    The sealed bytes are hashed before the transaction, for nobody is to wait behind them.
    """
    files = _infected(most)
    for file in files:
        digests = sealed_digests(means.blobs, {_version(file): file.blob})
        wish = Wish(Scope.INFECTED, f"The virus scanner found {file.note}.", "", CLOCK, now)
        with suppress(UnderHold, NothingToErase), transaction() as session:
            destroy(session, means, file.vendor_id, digests, wish)
    if files:
        tidy(means.blobs)


def _wait_on(file: Waiting, why: str, now: datetime) -> None:
    if why == NO_SCANNER == file.note:
        return  # said before, and nothing was tried since
    with transaction() as session:
        session.execute(
            update(Evidence)
            .where(
                Evidence.id == file.evidence_id,
                Evidence.version == file.version,
                Evidence.scan == Scan.QUARANTINED,
            )
            .values(scan_note=why, scanned_at=now)
        )


def _version(file: Waiting) -> Version:
    return file.evidence_id, file.version
