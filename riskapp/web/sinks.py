"""What takes a file in while the form is parsed: sealed into the store, or held in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, NamedTuple, cast

from riskapp.core.crypto.sealed import SEAL_BYTES, Sealer
from riskapp.core.digesting import Digests
from riskapp.core.scanning import Scan, Scanner, Verdict
from riskapp.core.storage.port import BlobWriter
from riskapp.web.upload_errors import NoFile, UploadTooLarge

HEAD_BYTES = 8 * 1024
"""How much of the file's beginning is kept in clear, in memory, to tell its type"""
FORM_BYTES = 256 * 1024
"""How much a form may hold besides its file: fields, headers, boundaries, bytes read ahead"""


class Seal(NamedTuple):
    """What one file is sealed with, and where it goes. The key must be fresh.

    `scanner` sees the plaintext on its way. `tail_bytes` says how much of the end of a file of that
    name is kept in clear, in memory, to tell what it is.
    """

    key: bytes
    context: bytes
    writer: BlobWriter
    scanner: Scanner | None = None
    tail_bytes: Callable[[str], int] = lambda _: 0


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived whole and is durable, but not yet permanent.

    `sha256`, `crc32` and `size` are of the plaintext; `seal` and `sealed_size` of what is stored,
    the seal being its first 56 bytes. Digests and seal are lower-case hexadecimal. `filename` and
    `content_type` are the sender's claims, to be shown or believed by nobody as they are.
    """

    blob_name: str
    size: int
    sha256: str
    crc32: int
    seal: str
    sealed_size: int
    head: bytes = field(repr=False)
    tail: bytes = field(repr=False)
    verdict: Verdict | None
    """What the scanner says; None where there is none"""
    filename: str
    content_type: str | None
    _writer: BlobWriter = field(repr=False)

    def settle(self) -> None:
        """Makes the file permanent: the statement right after the database's commit.

        Raises StoreUnavailable; the file is then settled by the next sweep, not lost.
        """
        self._writer.settle()


@dataclass(frozen=True, slots=True)
class Held:
    """A file that arrived whole, in memory and nowhere else. `filename` is the sender's claim."""

    filename: str
    data: bytes = field(repr=False)


class Sink:
    """What Werkzeug's form parser takes for a temporary file. Nothing can be read back from it.

    `taking` while the parser is inside the file's part.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._filename: str | None = None
        self._content_type: str | None = None
        self.size = 0
        self.taking = False

    def open(self, filename: str, content_type: str | None) -> IO[bytes]:
        """Itself, as the parser wants it, for the file of that name."""
        self._filename, self._content_type = filename, content_type
        self.taking = True
        return cast(IO[bytes], self)

    def write(self, data: bytes) -> None:
        """A piece of the file; raises UploadTooLarge, and what taking it raises."""
        self.size += len(data)
        if self.size > self._limit:
            raise UploadTooLarge(self._limit)
        self._take(data)

    def _take(self, data: bytes) -> None:
        raise NotImplementedError

    def _name(self) -> str:
        """What the sender calls the file; raises NoFile if none was begun."""
        if self._filename is None:
            raise NoFile
        return self._filename

    def seek(self, offset: int) -> None:  # noqa: ARG002 - a file has it
        """The parser rewinds a file when its part is complete; there is nothing to rewind."""
        self.taking = False

    def tell(self) -> int:
        return self.size

    def close(self) -> None:
        """Flask closes the files of a request at its end; this one belongs to who receives."""


class MemorySink(Sink):
    """Holds a small file. Only `finish` gives it out: a body that breaks off is none."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._pieces: list[bytes] = []

    def _take(self, data: bytes) -> None:
        self._pieces.append(bytes(data))

    def finish(self) -> Held:
        """The whole file; raises NoFile if none was begun."""
        return Held(self._name(), b"".join(self._pieces))


class SealingSink(Sink):
    """Seals and stores what it is given; writing raises StoreUnavailable too.

    `announced` is the length of the body, of which all but `FORM_BYTES` is the file: what cannot
    belong to the file's end need not be kept for it.
    """

    def __init__(self, seal: Seal, limit: int, announced: int) -> None:
        super().__init__(limit)
        self._what = seal
        self._announced = announced
        self._scan: Scan | None = None
        self._tail = bytearray()
        self._tail_bytes = self._tail_from = 0
        self._sealer = Sealer(seal.key, seal.context)
        self._blob = seal.writer
        self._digests = Digests()
        self._seal = b""
        self._sealed_size = 0
        self._head = bytearray()

    def open(self, filename: str, content_type: str | None) -> IO[bytes]:
        self._tail_bytes = self._what.tail_bytes(filename)
        self._tail_from = self._announced - FORM_BYTES - self._tail_bytes
        if self._what.scanner is not None:
            self._scan = self._what.scanner.begin()
        return super().open(filename, content_type)

    def _take(self, data: bytes) -> None:
        self._digests.write(data)
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
        if self.size > self._tail_from:
            self._tail += data
        if self._scan is not None:
            self._scan.write(data)
        self._store(self._sealer.write(data))

    def finish(self) -> Received:
        """Seals the end and makes the blob durable; raises NoFile if no file was begun."""
        filename = self._name()
        self._store(self._sealer.finish())
        self._blob.finish()
        sha256, crc32 = self._digests.finish()
        verdict = None if self._scan is None else self._scan.finish()
        return Received(
            blob_name=self._blob.name,
            size=self.size,
            sha256=sha256,
            crc32=crc32,
            seal=self._seal.hex(),
            sealed_size=self._sealed_size,
            head=bytes(self._head),
            tail=bytes(self._tail[max(0, len(self._tail) - self._tail_bytes) :]),
            verdict=verdict,
            filename=filename,
            content_type=self._content_type,
            _writer=self._blob,
        )

    def abort(self) -> None:
        """Lets go of the scanner and of the thread; does nothing where the file was finished."""
        self._digests.close()
        if self._scan is not None:
            self._scan.abort()

    def _store(self, sealed: bytes) -> None:
        if len(self._seal) < SEAL_BYTES:
            self._seal += sealed[: SEAL_BYTES - len(self._seal)]
        self._sealed_size += len(sealed)
        self._blob.write(sealed)
