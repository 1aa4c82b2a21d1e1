"""Blobs in an S3-compatible store, for several machines. Imported only where one is configured.

    PREFIX/blobs/<name>       the blob, visible only when it is whole
    PREFIX/incoming/<name>    a marker beside an unsettled one: when its writer last showed itself

A writer holds a lease on its name: it makes the marker before anything else, renews it while it
writes and when it has finished, and removes it to settle. Whoever sweeps takes over what a dead
writer left, if it is not renewed at that moment; a writer that lost its marker so fails at
`finish`, before any row is committed. The store must know conditional writes (`If-None-Match`,
`If-Match`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from riskapp.core.storage.port import (
    PIECE_BYTES,
    BlobExists,
    BlobMissing,
    StoreUnavailable,
    is_name,
    require_name,
)
from riskapp.core.storage.s3_lease import INCOMING, Lease, Now, marker
from riskapp.core.storage.writing import FINISHED, OPEN, OVER, StagedWriter

if TYPE_CHECKING:
    from obstore import WritableFile
    from obstore.store import S3Config

_PART_BYTES = 8 * 1024 * 1024
"""Sent at a time, so that an upload holds two of them in memory and 80 GB have 10,000 parts"""
_WINDOW_BYTES = 4 * 1024 * 1024
"""Fetched at a time: no request stays open while a slow reader takes what it brought"""
_PAGE = 1000
_BLOBS = "blobs"


def connect(
    url: str, *, endpoint: str | None, region: str, key: str | None, secret: str | None, now: Now
) -> "S3Blobs":
    """The store at `s3://bucket/prefix`. Nothing is asked of the server yet.

    Without `key` the credentials are found as AWS clients find theirs. A server that does not
    answer is given up after some seconds.
    """
    place = urlsplit(url)
    config: S3Config = {"region": region}
    if endpoint is not None:
        config["endpoint"] = endpoint
    if key is not None:
        config["access_key_id"] = key
        config["secret_access_key"] = secret or ""
    store = S3Store(
        place.netloc,
        prefix=place.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": urlsplit(endpoint or "").scheme == "http",
            "connect_timeout": timedelta(seconds=3),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=5)},
    )
    return S3Blobs(store, now)


class S3Blobs:
    """A BlobStore in a bucket, which is there already."""

    def __init__(self, store: S3Store, now: Now) -> None:
        self._store = store
        self._now = now

    def create(self, name: str) -> "S3Writer":
        require_name(name)
        lease = Lease(self._store, name, self._now)
        with _faults("A blob cannot be created"):
            lease.take()
            # Asked only now: whoever settles this name must hold its marker.
            if self._exists(name):
                lease.end()
                raise BlobExists(name)
            file = obstore.open_writer(
                self._store, _blob(name), buffer_size=_PART_BYTES, max_concurrency=2
            )
        return S3Writer(self._store, lease, file, name)

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        end = None if length is None else start + length
        size, first = self._window(name, start, end)
        return _in_pieces(
            self._windows(name, first, start, size if end is None else min(end, size))
        )

    def size(self, name: str) -> int:
        require_name(name)
        with _faults("A blob cannot be read"):
            try:
                return obstore.head(self._store, _blob(name))["size"]
            except FileNotFoundError:
                raise BlobMissing(name) from None

    def delete(self, name: str) -> None:
        self.size(name)
        with _faults("A blob cannot be deleted"):
            # The blob first: what is left of a deletion that broke off is a sweep's to finish.
            obstore.delete(self._store, _blob(name))
            obstore.delete(self._store, marker(name))

    def names(self) -> Iterator[str]:
        with _faults("The evidence store cannot be listed"):
            for page in obstore.list(self._store, prefix=_BLOBS, chunk_size=_PAGE):
                # Asked after the page: what was unsettled when it was listed has its marker
                # still, or its row.
                unsettled = set(self._unsettled())
                names = (found["path"].rpartition("/")[2] for found in page)
                yield from (one for one in names if is_name(one) and one not in unsettled)

    def leftovers(self) -> Iterator[str]:
        with _faults("The evidence store cannot be listed"):
            for name in self._unsettled():
                if Lease(self._store, name, self._now).is_over():
                    yield name

    def sweep(self, known: Callable[[str], bool]) -> list[str]:
        with _faults("The evidence store cannot be listed"):
            names = list(self._unsettled())
        return [name for name in names if self._swept(name, known)]

    def _swept(self, name: str, known: Callable[[str], bool]) -> bool:
        lease = Lease(self._store, name, self._now)
        with _faults("A blob cannot be swept"):
            if not lease.taken_over():
                return False
            there = self._exists(name)
        wanted = there and known(name)
        with _faults("A blob cannot be swept"):
            if there and not wanted:
                obstore.delete(self._store, _blob(name))
            lease.end()
        return True

    def _unsettled(self) -> Iterator[str]:
        for page in obstore.list(self._store, prefix=INCOMING, chunk_size=_PAGE):
            yield from (found["path"].rpartition("/")[2] for found in page)

    def _exists(self, name: str) -> bool:
        try:
            obstore.head(self._store, _blob(name))
        except FileNotFoundError:
            return False
        return True

    def _window(self, name: str, start: int, end: int | None) -> tuple[int, bytes]:
        """How long the blob is, and the bytes from `start` to `end`, or the first of them."""
        require_name(name)
        stop = start + _WINDOW_BYTES if end is None else min(end, start + _WINDOW_BYTES)
        if stop <= start:
            return self.size(name), b""
        with _faults("A blob cannot be read"):
            try:
                found = obstore.get(self._store, _blob(name), options={"range": (start, stop)})
                return found.meta["size"], bytes(found.bytes())
            except FileNotFoundError:
                raise BlobMissing(name) from None
            except BaseError:
                # S3 refuses a range that holds nothing; of an empty blob, every range.
                size = self.size(name)
                if start < size:
                    raise
                return size, b""

    def _windows(self, name: str, first: bytes, start: int, end: int) -> Iterator[bytes]:
        yield first
        at = start + len(first)
        while at < end:
            _, window = self._window(name, at, end)
            if not window:
                return
            at += len(window)
            yield window


class S3Writer(StagedWriter):
    """A blob on its way into a bucket, in parts as it grows."""

    def __init__(self, store: S3Store, lease: Lease, file: "WritableFile", name: str) -> None:
        super().__init__(name, _faults)
        self._store = store
        self._lease = lease
        self._file = file
        self._written = 0

    def write(self, data: bytes) -> None:
        with self._step(OPEN, OPEN, "A blob cannot be written"):
            self._lease.renew_in_time()
            self._file.write(data)
            self._written += len(data)

    def finish(self) -> None:
        with self._step(OPEN, FINISHED, "A blob cannot be made durable"):
            self._file.close()
            # After the blob is there: a sweep that came before has taken the marker, one that
            # comes now sees it fresh.
            self._lease.renew()

    def settle(self) -> None:
        # Over even if it fails: the row is committed, so an abort must not take the blob away.
        with self._step(FINISHED, OVER, "A blob cannot be settled; a sweep will"):
            self._state = OVER
            self._lease.end()

    def abort(self) -> None:
        before, self._state = self._state, OVER
        if before == OVER:
            return
        with _faults("An aborted blob cannot be removed; a sweep will"):
            if before != OPEN or self._written >= _PART_BYTES:
                self._take_back()
            self._lease.end()

    def _take_back(self) -> None:
        """Removes what was sent. Parts alone cannot be: they are put together first."""
        with suppress(BaseError, OSError):
            if not self._file.closed():
                self._file.close()
        obstore.delete(self._store, _blob(self._name))


def _blob(name: str) -> str:
    return f"{_BLOBS}/{name}"


def _in_pieces(windows: Iterator[bytes]) -> Iterator[bytes]:
    """Windows hold whole pieces, but for the last one."""
    for window in windows:
        yield from (window[at : at + PIECE_BYTES] for at in range(0, len(window), PIECE_BYTES))


@contextmanager
def _faults(message: str) -> Iterator[None]:
    """Turns the client's errors into the port's. Their first line says what failed and where."""
    try:
        yield
    except (BaseError, OSError) as fault:
        short = OSError(str(fault).partition("\n")[0].rstrip(": "))
        raise StoreUnavailable(f"{message}: {short}.") from short
