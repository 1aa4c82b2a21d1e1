"""Blobs whose rows are gone: remembered in the change that drops them, unlinked after it.

A blob cannot be unlinked in a transaction. A process that is killed between the commit and the
unlinking leaves the row here, and the next start finishes the work.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from riskapp.core.db import reading, transaction
from riskapp.core.storage.port import BlobMissing, BlobStore
from riskapp.evidence.models import BlobRemoval

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
