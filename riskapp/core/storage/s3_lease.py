"""A writer's lease on a name in a bucket, held by a marker object that it renews.

S3 knows no lock that dies with its holder, but it knows writes that count only if an object is as
it was seen last, or is not there yet. A marker that was not renewed for an hour is a dead writer's.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import S3Store

from riskapp.core.storage.port import BlobExists

if TYPE_CHECKING:
    from obstore import PutMode

INCOMING = "incoming"
LEASE = timedelta(hours=1)
"""A writer that did not show itself for so long is dead; clocks may differ by less than that"""
_RENEW_AFTER = timedelta(minutes=5)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Now = Callable[[], datetime]


def marker(name: str) -> str:
    """Where the marker of a blob lies."""
    return f"{INCOMING}/{name}"


class Lease:
    """A writer's claim on a name, by the marker that it renews."""

    def __init__(self, store: S3Store, name: str, now: Now) -> None:
        self._store = store
        self._name = name
        self._now = now
        self._tag: str | None = None
        self._shown = _LONG_AGO

    def take(self) -> None:
        """Claims the name; raises BlobExists if somebody has."""
        try:
            self._write("create")
        except AlreadyExistsError:
            raise BlobExists(self._name) from None

    def renew(self) -> None:
        """Shows that the writer lives; raises PreconditionError if the marker is another's."""
        self._write({"e_tag": self._tag})

    def renew_in_time(self) -> None:
        """Renews, if the last time was some minutes ago."""
        if self._now() - self._shown >= _RENEW_AFTER:
            self.renew()

    def is_over(self) -> bool:
        """Whether there is a marker, and its writer is dead."""
        try:
            found = obstore.get(self._store, marker(self._name))
        except FileNotFoundError:
            return False
        self._tag = found.meta["e_tag"]
        return self._now() - _time_in(bytes(found.bytes())) >= LEASE

    def taken_over(self) -> bool:
        """Takes over a dead writer's claim; False if it lives, or somebody else was first."""
        try:
            if not self.is_over():
                return False
            self.renew()
        except PreconditionError:
            return False
        return True

    def end(self) -> None:
        obstore.delete(self._store, marker(self._name))

    def _write(self, mode: "PutMode") -> None:
        now = self._now()
        # No two markers have the same bytes, for a tag may be a digest of them.
        content = f"{now.isoformat()} {secrets.token_hex(8)}".encode()
        self._tag = obstore.put(self._store, marker(self._name), content, mode=mode)["e_tag"]
        self._shown = now


def _time_in(marker: bytes) -> datetime:
    """When a marker was written; long ago, if it is none of ours."""
    try:
        return datetime.fromisoformat(marker.decode().partition(" ")[0])
    except ValueError:
        return _LONG_AGO
