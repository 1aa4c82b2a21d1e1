"""What can be done to stored files behind riskapp's back, in the store and in the database."""

import secrets

import sqlalchemy as sa

from riskapp.audit.models import Event
from riskapp.core.db import reading, transaction
from riskapp.core.ids import new_id
from riskapp.core.storage.memory import MemoryBlobs
from riskapp.evidence.models import Evidence, EvidenceUse, WrappedKey
from riskapp.evidence.service import SealedFile
from riskapp.web.ports import ports

HEAD, CHUNK = 56, 16 * 1024 + 16
"""Of a sealed file, as its published format says."""


def stored(file: SealedFile) -> bytes:
    return b"".join(ports().blobs.read(file.blob))


def overwrite(blob: str, data: bytes) -> None:
    """As somebody does who may write to the store."""
    blobs = ports().blobs
    if isinstance(blobs, MemoryBlobs):
        blobs.settled[blob] = data
        return
    path = ports().settings.instance / "evidence" / blob[:2] / blob
    path.chmod(0o600)
    path.write_bytes(data)
    path.chmod(0o400)


def store_anew(data: bytes) -> str:
    """A blob that no row points to."""
    blob = new_id()
    with ports().blobs.create(blob) as writer:
        writer.write(data)
        writer.finish()
        writer.settle()
    return blob


def flip(file: SealedFile, byte: int, bit: int = 0) -> None:
    data = bytearray(stored(file))
    data[byte] ^= 1 << bit
    overwrite(file.blob, bytes(data))


def change_row(file: SealedFile, **fields: object) -> None:
    one = (Evidence.id == file.evidence_id, Evidence.version == file.version)
    with transaction() as session:
        session.execute(sa.update(Evidence).where(*one).values(**fields))


def change_key(subject: str, version: int = 1, **fields: object) -> None:
    one = (WrappedKey.subject == subject, WrappedKey.version == version)
    with transaction() as session:
        session.execute(sa.update(WrappedKey).where(*one).values(**fields))


def lose_key(subject: str) -> None:
    with transaction() as session:
        session.execute(sa.delete(WrappedKey).where(WrappedKey.subject == subject))


def truncate(file: SealedFile, _other: SealedFile) -> None:
    overwrite(file.blob, stored(file)[:-1])


def truncate_at_a_chunk(file: SealedFile, _other: SealedFile) -> None:
    overwrite(file.blob, stored(file)[: HEAD + CHUNK])


def empty(file: SealedFile, _other: SealedFile) -> None:
    overwrite(file.blob, b"")


def extend(file: SealedFile, _other: SealedFile) -> None:
    overwrite(file.blob, stored(file) + b"x")


def reorder(file: SealedFile, _other: SealedFile) -> None:
    data = stored(file)
    first, second = data[HEAD : HEAD + CHUNK], data[HEAD + CHUNK : HEAD + 2 * CHUNK]
    overwrite(file.blob, data[:HEAD] + second + first + data[HEAD + 2 * CHUNK :])


def last_chunk_first(file: SealedFile, _other: SealedFile) -> None:
    data = stored(file)
    last = HEAD + (len(data) - HEAD) // CHUNK * CHUNK
    overwrite(file.blob, data[:HEAD] + data[last:] + data[HEAD:last])


def flip_a_bit(file: SealedFile, _other: SealedFile) -> None:
    flip(file, HEAD + CHUNK + 5)


def swap(file: SealedFile, other: SealedFile) -> None:
    mine, theirs = stored(file), stored(other)
    overwrite(file.blob, theirs)
    overwrite(other.blob, mine)


def something_else(file: SealedFile, _other: SealedFile) -> None:
    overwrite(file.blob, secrets.token_bytes(file.sealed_size))


def lose(file: SealedFile, _other: SealedFile) -> None:
    ports().blobs.delete(file.blob)


def alter_key(file: SealedFile, _other: SealedFile) -> None:
    change_key(f"evidence:{file.evidence_id}", wrapped=secrets.token_bytes(40))


def swap_keys(file: SealedFile, other: SealedFile) -> None:
    theirs = sa.select(WrappedKey.wrapped).where(
        WrappedKey.subject == f"evidence:{other.evidence_id}"
    )
    change_key(f"evidence:{file.evidence_id}", wrapped=reading().scalar(theirs))


def lose_the_key(file: SealedFile, _other: SealedFile) -> None:
    lose_key(f"evidence:{file.evidence_id}")


def alter_vendor_key(file: SealedFile, _other: SealedFile) -> None:
    change_key(f"vendor:{vendor_of(file)}", wrapped=secrets.token_bytes(40))


def lose_vendor_key(file: SealedFile, _other: SealedFile) -> None:
    lose_key(f"vendor:{vendor_of(file)}")


def point_elsewhere(file: SealedFile, other: SealedFile) -> None:
    change_row(file, blob=store_anew(stored(other)))


def forge_the_event(file: SealedFile, _other: SealedFile) -> None:
    """The row says something else, and so does an event before that of the log, by its id."""
    ports().log.append()
    reading().rollback()
    query = sa.select(Event).where(
        Event.type == "evidence:keep", Event.object_id == f"{file.evidence_id}/{file.version}"
    )
    with transaction() as session:
        columns = {one.name: one for one in Event.__table__.columns}
        row = dict(session.execute(query.with_only_columns(*columns.values())).one()._mapping)
        body = row["body"].replace(file.sha256, "0" * 64)
        session.execute(sa.insert(Event).values(**{**row, "id": -1, "body": body}))
    change_row(file, sha256="0" * 64)


def change_digest(file: SealedFile, _other: SealedFile) -> None:
    change_row(file, sha256="0" * 64)


def change_checksum(file: SealedFile, _other: SealedFile) -> None:
    change_row(file, crc32=file.crc32 ^ 1)


def use_another(file: SealedFile, other: SealedFile) -> None:
    """The answer is made to be served by a file that never was put there."""
    with transaction() as session:
        use = session.scalars(
            sa.select(EvidenceUse).where(EvidenceUse.evidence_id == file.evidence_id)
        ).one()
        use.evidence_id, use.version = other.evidence_id, other.version


def vendor_of(file: SealedFile) -> str:
    query = sa.select(Evidence.vendor_id).where(Evidence.id == file.evidence_id)
    found = reading().scalars(query).first()
    assert found is not None
    return found


def remove_row(file: SealedFile) -> None:
    """As where the vendor takes it off again."""
    with transaction() as session:
        session.execute(sa.delete(EvidenceUse).where(EvidenceUse.evidence_id == file.evidence_id))
        session.execute(sa.delete(Evidence).where(Evidence.id == file.evidence_id))
