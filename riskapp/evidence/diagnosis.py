"""Why a stored file does not open. Reads the store as a stream, however large the file is.

An open transaction would keep others waiting meanwhile: each look into the database is one of its
own, and short.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from riskapp.audit.models import Event, LogEntry
from riskapp.audit.queries import IN_ORDER
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.crypto.ranges import CHUNK, SEALED_CHUNK, LooseChunks, SealedRanges
from riskapp.core.crypto.sealed import SEAL_BYTES, SealBroken, context
from riskapp.core.storage.port import BlobMissing, BlobStore
from riskapp.evidence.damage import Damage, Found
from riskapp.evidence.models import Evidence
from riskapp.evidence.stored import Stored, keys_of

_TAG_BYTES = SEALED_CHUNK - CHUNK
_KEPT = "evidence:keep"


def diagnose(engine: Engine, file: Stored, blobs: BlobStore, keyring: Keyring) -> Found | None:
    """What is wrong with a file; None if it opens and is what was received.

    Raises StoreUnavailable.
    """
    with Session(engine) as session:
        if _another_record(session, file):
            return Found(Damage.ROW_CHANGED)
        key = keys_of(session, [file], keyring)[file.key]
    if isinstance(key, Damage):
        return Found(key)
    try:
        return _Content(engine, file, blobs, key).diagnose()
    except BlobMissing:
        return Found(Damage.MISSING)


def sealed_size_of(size: int) -> int:
    """How many bytes are stored for a file of so many."""
    return SEAL_BYTES + size + _TAG_BYTES * (size // CHUNK + 1)


def _another_record(session: Session, file: Stored) -> bool:
    """Whether the row differs from the event that was written when the file was received."""
    if file.sealed_size != sealed_size_of(file.size):
        return True
    kept = select(Event.body).outerjoin(LogEntry, LogEntry.event_id == Event.id)
    kept = kept.where(Event.type == _KEPT, Event.object_id == file.object_id)
    first = kept.order_by(*IN_ORDER).limit(1)
    body = session.scalar(first.where(Event.vendor_id == file.vendor_id))
    if body is None:  # by the vendor's index there is none; it may be another vendor's
        body = session.scalar(first)
    said = {} if body is None else json.loads(body)
    row = {
        "vendor": file.vendor_id,
        "size": file.size,
        "sha256": file.sha256,
        "seal": file.seal,
        "blob": file.blob,
    }
    return any(said[name] != value for name, value in row.items() if name in said)


def _whose(session: Session, seal: str, file: Stored) -> Found | None:
    """Which file of ours begins with this seal, also where its row is gone since."""
    row = session.execute(
        select(Evidence.id, Evidence.version).where(Evidence.seal == seal).limit(1)
    ).first()
    if row is not None:
        return _in_its_place(file, str(row[0]), int(row[1]))
    kept = select(Event.object_id).where(Event.type == _KEPT)
    named = session.scalar(kept.where(Event.body.contains(f'"seal":"{seal}"')).limit(1))
    if named is None:
        return None
    evidence_id, _, version = named.partition("/")
    return _in_its_place(file, evidence_id, int(version))


def _in_its_place(file: Stored, evidence_id: str, version: int) -> Found:
    if evidence_id != file.evidence_id:
        return Found(Damage.ANOTHER_FILE)
    older = version < file.version
    return Found(Damage.OLDER_VERSION if older else Damage.NEWER_VERSION)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """The chunks that are not what was sealed in their places."""

    first: int
    last: int
    every: bool


class _Content:
    """What lies in the store for a file whose row and key are in order."""

    def __init__(self, engine: Engine, file: Stored, blobs: BlobStore, key: bytes) -> None:
        self._engine = engine
        self._file = file
        self._key = key
        self._context = context(file.vendor_id, file.evidence_id, file.version)
        self._read = partial(blobs.read, file.blob)
        self._size = blobs.size(file.blob)
        self._last = (file.sealed_size - SEAL_BYTES) // SEALED_CHUNK

    def diagnose(self) -> Found | None:
        head = b"".join(self._read(0, SEAL_BYTES))
        sealed = bytes.fromhex(self._file.seal) or head
        try:
            chunks = LooseChunks(self._key, self._context, sealed)
        except SealBroken:
            # Without a seal in the row, nobody can tell whether the key or the content is wrong.
            return Found(Damage.KEY_OF_ANOTHER if self._file.seal else Damage.CHANGED)
        if head != sealed and len(head) == SEAL_BYTES:
            with Session(self._engine) as session:
                found = _whose(session, head.hex(), self._file)
            if found is not None:
                return found
        wrong = self._wrong(chunks)
        if wrong is not None and wrong.every and head != sealed and not sealed.startswith(head):
            return Found(Damage.FOREIGN)
        return self._of_size() or self._of_order(chunks, wrong) or self._of_bytes(head, wrong)

    def _of_size(self) -> Found | None:
        wanted = self._file.sealed_size
        if self._size == wanted:
            return None
        kind = Damage.TRUNCATED if self._size < wanted else Damage.EXTENDED
        return Found(kind, min(self._size, wanted), max(self._size, wanted))

    def _of_order(self, chunks: LooseChunks, wrong: _Wrong | None) -> Found | None:
        """Whether the first wrong chunk is the right one for another place."""
        if wrong is None:
            return None
        start, end = self._place(wrong.first)
        found = b"".join(self._read(start, SEALED_CHUNK))
        rest = self._place(self._last)
        elsewhere = len(found) == SEALED_CHUNK and any(
            chunks.belongs_at(number, found) for number in range(self._last)
        )
        if elsewhere or chunks.belongs_at(self._last, found[: rest[1] - rest[0]]):
            return Found(Damage.REORDERED, start, max(end, self._place(wrong.last)[1]))
        return None

    def _of_bytes(self, head: bytes, wrong: _Wrong | None) -> Found | None:
        if head != (bytes.fromhex(self._file.seal) or head):
            return Found(Damage.CHANGED, 0, SEAL_BYTES)
        if wrong is not None:
            start, end = self._place(wrong.first)[0], self._place(wrong.last)[1]
            return Found(Damage.CHANGED, start, end)
        return self._of_plaintext()

    def _of_plaintext(self) -> Found | None:
        """Whether what is authentic throughout is what was received."""
        try:
            ranges = SealedRanges(self._key, self._context, self._size, self._read)
            digest, crc32 = hashlib.sha256(), 0
            for piece in ranges.pieces():
                digest.update(piece)
                crc32 = zlib.crc32(piece, crc32)
        except SealBroken:
            return Found(Damage.UNSTEADY)
        if digest.hexdigest() != self._file.sha256:
            return Found(Damage.OTHER_CONTENT)
        return None if crc32 == self._file.crc32 else Found(Damage.ROW_CHANGED)

    def _wrong(self, chunks: LooseChunks) -> _Wrong | None:
        first = last = None
        right = False
        for number, sealed in enumerate(self._chunks()):
            if chunks.belongs_at(number, sealed):
                right = True
            else:
                first, last = number if first is None else first, number
        return None if first is None or last is None else _Wrong(first, last, not right)

    def _chunks(self) -> Iterator[bytes]:
        """What stands where each chunk was written; less, or nothing, where the content ends."""
        held = bytearray()
        number = 0
        for piece in self._read(SEAL_BYTES, self._file.sealed_size - SEAL_BYTES):
            held += piece
            while number < self._last and len(held) >= SEALED_CHUNK:
                yield bytes(held[:SEALED_CHUNK])
                del held[:SEALED_CHUNK]
                number += 1
        if number <= self._last:
            yield bytes(held)

    def _place(self, number: int) -> tuple[int, int]:
        start = SEAL_BYTES + number * SEALED_CHUNK
        return start, min(start + SEALED_CHUNK, self._file.sealed_size)
