"""Blobs whose rows are gone: remembered in the change that drops them, unlinked after it.

A blob cannot be unlinked in a transaction. A process that is killed between the commit and the
unlinking leaves the row here, and the next start finishes the work.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from riskapp.core.db import DatabaseUnavailable, forget_deleted, reading, transaction
from riskapp.core.storage.port import BlobMissing, BlobStore, StoreUnavailable
from riskapp.evidence.models import BlobRemoval
from riskapp.logs import log

TOGETHER = 500
"""So many are named in one statement: all of a vendor's files may go at once."""


def remember(session: Session, blob: str, now: datetime) -> None:
    """Notes, in the caller's transaction, that a blob is to be unlinked."""
    session.add(BlobRemoval(blob=blob, asked_at=now))


def unlink_removed(blobs: BlobStore) -> int:
    """Unlinks every remembered blob, and says how many.

    Raises StoreUnavailable: what could not be unlinked stays remembered.
    """
    names = list(reading().scalars(select(BlobRemoval.blob)))
    reading().rollback()
    for name in names:
        try:
            blobs.delete(name)
        except BlobMissing:
            continue  # unlinked before, by a process that was killed or is at it now
    for begin in range(0, len(names), TOGETHER):
        some = names[begin : begin + TOGETHER]
        with transaction() as session:
            session.execute(delete(BlobRemoval).where(BlobRemoval.blob.in_(some)))
    return len(names)


def tidy(blobs: BlobStore, *, deleted: bool = False) -> None:
    """After the commit: unlinks what was removed, and makes SQLite forget the pages with its keys.

    `deleted` where the caller knows that rows are to be forgotten, whatever there is to unlink.
    What cannot be unlinked now is the next time, or at the next start.
    """
    try:
        deleted = unlink_removed(blobs) > 0 or deleted
    except (StoreUnavailable, DatabaseUnavailable) as error:
        deleted = True  # what waits to be unlinked had a key
        log.error("blobs left to be unlinked later", error=type(error).__name__)
    if deleted and not forget_deleted():
        log.warning("deleted keys stay in the write-ahead log until it is written back")
