"""Opening evidence: who may, as an event, and the plaintext as it becomes certain.

What does not open is refused before a byte of it is sent, as far as its head and its end tell;
a file of up to `HELD_BYTES` is unsealed whole before. What is found later cuts the response short.
Either way it is found out what happened, and noted at the file and in its history.

No transaction is open while a file is read or sent.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session

from riskapp.audit.models import Event
from riskapp.audit.reads import noted_since
from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.crypto.ranges import SealedRanges
from riskapp.core.crypto.sealed import SealBroken, context
from riskapp.core.db import db, reading, transaction
from riskapp.core.errors import NotFound, Refusal
from riskapp.core.storage.port import PIECE_BYTES, BlobMissing, BlobStore
from riskapp.evidence.damage import Damage, Found
from riskapp.evidence.diagnosis import diagnose
from riskapp.evidence.errors import Damaged, Erased, InQuarantine
from riskapp.evidence.models import Evidence
from riskapp.evidence.stored import Stored, again, keys_of, serving, some_at_a_time

HELD_BYTES = 1024 * 1024
"""Up to this size a file is unsealed whole before any of it is sent"""
ONE_SITTING = timedelta(hours=1)
"""For how long further parts of a file belong to the event of its opening"""

Seen = Literal["evidence:view", "evidence:download"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file ready to be sent: its plaintext comes in pieces, each authenticated."""

    name: str
    media_type: str
    size: int
    sha256: str
    _plain: Callable[[int, int], Iterator[bytes]] = field(repr=False)

    def pieces(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """`length` bytes from `start` on, or as many as there are, at most 256 KiB at a time.

        Only what holds them is read and unsealed. Raises Damaged where that turns out wrong, Erased
        and NotFound where the file goes meanwhile, StoreUnavailable; also when the request is over.
        """
        rest = max(0, self.size - start)
        return self._plain(start, rest if length is None else min(length, rest))


class Opener:
    """Opens stored files for somebody, and notes what does not open. Needs no request later on."""

    def __init__(self, blobs: BlobStore, keyring: Keyring, *, actor: Actor, now: datetime) -> None:
        self._blobs = blobs
        self._keyring = keyring
        self._actor = actor
        self._now = now
        self._engine: Engine = db.engine

    def open(
        self,
        file: Stored,
        key: bytes | Damage,
        *,
        assessment_id: str | None = None,
        held: int = HELD_BYTES,
    ) -> Opened:
        """The file, without an event. `held` is the size up to which it is unsealed whole at once.

        Raises Erased, InQuarantine, Damaged, NotFound, StoreUnavailable.
        """
        if file.erased_at is not None:
            raise Erased(file.erased_at)
        if not file.scan.opens:
            raise InQuarantine(file.scan)
        with self._noting(file, assessment_id):
            ranges = self._ranges(file, key)
            whole = _unsealed(ranges, file) if file.size <= held else None
        if whole is not None:
            return _opened(file, partial(_cut, whole))
        return _opened(file, partial(self._streamed, ranges, file, assessment_id))

    def verify(self, file: Stored, key: bytes | Damage) -> None:
        """Reads every byte, also of a file in quarantine.

        Raises Damaged, and Erased and NotFound where it goes meanwhile; StoreUnavailable.
        """
        with self._noting(file, None):
            for _ in _checked(self._ranges(file, key), file):
                pass

    def _ranges(self, file: Stored, key: bytes | Damage) -> SealedRanges:
        size = self._blobs.size(file.blob)
        if isinstance(key, Damage) or size != file.sealed_size:
            raise SealBroken
        bound_to = context(file.vendor_id, file.evidence_id, file.version)
        ranges = SealedRanges(key, bound_to, size, partial(self._blobs.read, file.blob))
        if ranges.size != file.size:
            raise SealBroken
        return ranges

    def _streamed(
        self,
        ranges: SealedRanges,
        file: Stored,
        assessment_id: str | None,
        start: int,
        length: int,
    ) -> Iterator[bytes]:
        with self._noting(file, assessment_id):
            yield from ranges.pieces(start, length)

    @contextmanager
    def _noting(self, file: Stored, assessment_id: str | None) -> Iterator[None]:
        try:
            yield
        except (SealBroken, BlobMissing) as error:
            raise self.found_out(file, assessment_id) from error

    def found_out(self, file: Stored, assessment_id: str | None) -> Refusal:
        """Why it does not open; noted, unless it was erased or removed in this moment."""
        with Session(self._engine) as session:
            now = again(session, file)
        if now is None:
            return NotFound()
        if now.erased_at is not None:
            return Erased(now.erased_at)
        found = diagnose(self._engine, now, self._blobs, self._keyring) or Found(Damage.UNSTEADY)
        return self.refusal(now, found, assessment_id)

    def refusal(self, file: Stored, found: Found, assessment_id: str | None) -> Damaged:
        """What is raised, after it was noted; not so a missing keyring, for files are well."""
        if found.kind is not Damage.MASTER_KEY_MISSING:
            self._note(file, found, assessment_id)
        return Damaged(file.object_id, file.name, found)

    def _note(self, file: Stored, found: Found, assessment_id: str | None) -> None:
        """Marks the file. Who comes again and finds the same writes nothing."""
        with transaction(self._engine) as session:
            if not found.kind.of_the_file or _marked(session, file, found.kind):
                record(
                    session,
                    "evidence:damaged",
                    About(file.object_id, file.vendor_id, assessment_id),
                    actor=self._actor,
                    now=self._now,
                    kind=found.kind,
                    start=found.start,
                    end=found.end,
                )


def _marked(session: Session, file: Stored, kind: Damage) -> bool:
    """Whether it was not marked so before; an erased file is marked no more."""
    marked = session.scalar(
        update(Evidence)
        .where(Evidence.id == file.evidence_id, Evidence.version == file.version)
        .where(Evidence.erased_at.is_(None))
        .where(or_(Evidence.damage.is_(None), Evidence.damage != kind))
        .values(damage=kind)
        .returning(Evidence.id)
    )
    return marked is not None


def open_file(  # noqa: PLR0913 - which file, with what, by whom, when, and what for
    evidence_id: str,
    version: int,
    *,
    assessment_id: str,
    blobs: BlobStore,
    keyring: Keyring,
    actor: Actor,
    now: datetime,
    event: Seen = "evidence:download",
    continued: bool = False,
    grant_id: str | None = None,
) -> Opened:
    """Opens a file that serves an assessment, as an event; it names the grant that allowed it.

    `continued` is a further part of what somebody has before them: the rest of a download, the
    next page. It is an event only where this actor has none on this file within the hour.

    Raises NotFound, Erased, InQuarantine, Damaged, StoreUnavailable: then nothing was opened.
    """
    session = reading()
    file = serving(session, (evidence_id, version), assessment_id)
    if file is None:
        raise NotFound
    key = keys_of(session, [file], keyring)[file.key]
    about = About(file.object_id, file.vendor_id, assessment_id)
    known = continued and noted_since(session, event, about, actor, now - ONE_SITTING)
    strange = not_put_there(session, assessment_id, [file])
    session.rollback()
    opener = Opener(blobs, keyring, actor=actor, now=now)
    if strange:
        raise opener.refusal(file, Found(Damage.USE_CHANGED), assessment_id)
    opened = opener.open(file, key, assessment_id=assessment_id)
    if not known:
        with transaction() as writing:
            by_grant: dict[str, Any] = {} if grant_id is None else {"grant": grant_id}
            record(writing, event, about, actor=actor, now=now, **by_grant)
    return opened


def not_put_there(session: Session, assessment_id: str, files: Sequence[Stored]) -> list[Stored]:
    """Those of which the trail does not know that they serve the assessment: rows can be forged."""
    put = set[str]()
    for some in some_at_a_time([file.object_id for file in files]):
        query = select(Event.object_id).where(
            Event.assessment_id == assessment_id,
            Event.object_id.in_(some),
            Event.type.in_(("evidence:keep", "evidence:use")),
        )
        put.update(session.scalars(query))
    return [file for file in files if file.object_id not in put]


def _opened(file: Stored, plain: Callable[[int, int], Iterator[bytes]]) -> Opened:
    return Opened(file.name, file.media_type, file.size, file.sha256, plain)


def _unsealed(ranges: SealedRanges, file: Stored) -> bytes:
    return b"".join(_checked(ranges, file))


def _checked(ranges: SealedRanges, file: Stored) -> Iterator[bytes]:
    """All of it. Raises SealBroken at the end where it is not what the row says."""
    digest, crc32 = hashlib.sha256(), 0
    for piece in ranges.pieces():
        digest.update(piece)
        crc32 = zlib.crc32(piece, crc32)
        yield piece
    if (digest.hexdigest(), crc32) != (file.sha256, file.crc32):
        raise SealBroken


def _cut(whole: bytes, start: int, length: int) -> Iterator[bytes]:
    for at in range(start, start + length, PIECE_BYTES):
        yield whole[at : min(at + PIECE_BYTES, start + length)]
