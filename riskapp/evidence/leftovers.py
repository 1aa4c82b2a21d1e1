"""What killed processes left of uploads and of removals, put in order."""

from riskapp.core.db import reading
from riskapp.core.storage.port import BlobStore
from riskapp.evidence.queries import blob_known
from riskapp.evidence.removals import unlink_removed


def put_in_order(blobs: BlobStore) -> int:
    """Settles blobs whose rows were committed, clears others, finishes removals; says how many.

    At any time, from any process. Raises StoreUnavailable: the next time does the rest.
    """
    return len(blobs.sweep(_known)) + unlink_removed(blobs)


def _known(blob: str) -> bool:
    # A look of its own each time: SQLite shows a transaction what was there when it began.
    reading().rollback()
    known = blob_known(reading(), blob)
    reading().rollback()
    return known
