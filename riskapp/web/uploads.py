"""The way in for files. Evidence is hashed, sealed and stored while it is read, in one pass.

Werkzeug by itself writes uploads over 500 KiB to a temporary file, in clear. Here no upload is
ever kept by Werkzeug: `Request` refuses every file except the one that a view let in by `receive`,
or by `receive_small`, which holds it in memory for a view that reads it and lets it go.

A view first decides on session, permission, Origin and quota, all without reading the body; then
enters `receive`, checks what came, commits its short transaction, and settles:

    with receive(request, limit=..., seal=...) as received:
        ...
        session.commit()
        received.settle()

Anything that reads the form before that (Flask-WTF's CSRF check does) makes both raise
RuntimeError: such checks must be switched off for the route and done by the view.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple, Protocol, cast

import flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.formparser import FormDataParser

from riskapp.core.crypto.sealed import SEAL_BYTES, Sealer
from riskapp.core.storage.port import BlobWriter
from riskapp.web.upload_errors import (
    ChunkedRefused,
    FileNotExpected,
    FormBroken,
    FormTooLarge,
    MoreThanOneFile,
    NoFile,
    UploadCutShort,
    UploadTooLarge,
)

HEAD_BYTES = 8 * 1024
"""How much of the file's beginning is kept in clear, in memory, to tell its type"""
FORM_BYTES = 256 * 1024
"""How much a form may hold besides its file: fields, headers, boundaries, bytes read ahead"""
FORM_PARTS = 64
"""How many parts a form with a file may have"""
PLAIN_BODY_BYTES = 4 * 1024 * 1024
"""The longest body of a request without a file"""


class Seal(NamedTuple):
    """What one file is sealed with, and where it goes. The key must be fresh."""

    key: bytes
    context: bytes
    writer: BlobWriter


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


class SinkFactory(Protocol):
    def __call__(self, filename: str, content_type: str | None) -> IO[bytes]: ...


class Sink:
    """What Werkzeug's form parser takes for a temporary file. Nothing can be read back from it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._filename: str | None = None
        self._content_type: str | None = None
        self.size = 0

    def open(self, filename: str, content_type: str | None) -> IO[bytes]:
        """Itself, as the parser wants it, for the file of that name."""
        self._filename, self._content_type = filename, content_type
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

    def seek(self, offset: int) -> None:
        """The parser rewinds a file when its part is complete; there is nothing to rewind."""

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
    """Seals and stores what it is given; writing raises StoreUnavailable too."""

    def __init__(self, seal: Seal, limit: int) -> None:
        super().__init__(limit)
        self._sealer = Sealer(seal.key, seal.context)
        self._blob = seal.writer
        self._sha256 = hashlib.sha256()
        self._seal = b""
        self._sealed_size = 0
        self._crc32 = 0
        self._head = bytearray()

    def _take(self, data: bytes) -> None:
        self._sha256.update(data)
        self._crc32 = zlib.crc32(data, self._crc32)
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
        self._store(self._sealer.write(data))

    def finish(self) -> Received:
        """Seals the end and makes the blob durable; raises NoFile if no file was begun."""
        filename = self._name()
        self._store(self._sealer.finish())
        self._blob.finish()
        return Received(
            blob_name=self._blob.name,
            size=self.size,
            sha256=self._sha256.hexdigest(),
            crc32=self._crc32,
            seal=self._seal.hex(),
            sealed_size=self._sealed_size,
            head=bytes(self._head),
            filename=filename,
            content_type=self._content_type,
            _writer=self._blob,
        )

    def _store(self, sealed: bytes) -> None:
        if len(self._seal) < SEAL_BYTES:
            self._seal += sealed[: SEAL_BYTES - len(self._seal)]
        self._sealed_size += len(sealed)
        self._blob.write(sealed)


class _EmptyPart:
    """A file field in which nothing was chosen: browsers send it without a name and bytes."""

    def write(self, data: bytes) -> None:
        if data:
            raise FileNotExpected

    def seek(self, offset: int) -> None:
        """The parser rewinds what it wrote."""

    def close(self) -> None:
        """Holds nothing."""


class _MeteredBody:
    """`wsgi.input`, counted: ends at the announced length, and an earlier end is an error.

    Servers report a body that was cut off as one that ended. OSErrors of a server must not pass
    either: Werkzeug makes a plain bad request of them.
    """

    def __init__(self, raw: IO[bytes], announced: int, sink: Sink) -> None:
        self._raw = raw
        self._announced = announced
        self._sink = sink
        self.received = 0

    def read(self, size: int = -1) -> bytes:
        rest = self._announced - self.received
        wanted = rest if size < 0 else min(size, rest)
        if not wanted:
            return b""
        try:
            data = self._raw.read(wanted)
        except (OSError, ValueError) as fault:
            raise UploadCutShort(self._announced, self.received) from fault
        if not data:
            raise UploadCutShort(self._announced, self.received)
        self.received += len(data)
        if self.received - self._sink.size > FORM_BYTES:
            raise FormTooLarge(FORM_BYTES)
        return data


class Request(flask.Request):
    """The application's request class: no file reaches the server's disk in clear.

    Bodies without a file are limited to `PLAIN_BODY_BYTES`, which takes precedence over Flask's
    MAX_CONTENT_LENGTH; a view may set `max_content_length` for itself.
    """

    def __init__(self, environ: Any, populate_request: bool = True, shallow: bool = False) -> None:  # noqa: ANN401 - typeshed's WSGIEnvironment exists for checkers only
        super().__init__(environ, populate_request, shallow)
        self.max_content_length = PLAIN_BODY_BYTES
        self.max_form_memory_size = FORM_BYTES
        self._armed = False
        self._sink: SinkFactory | None = None

    def arm(self, sink: SinkFactory) -> None:
        """Lets one file of this body in, into what `sink` gives; `receive` does this for views.

        A form that cannot be parsed is an error from here on, not an empty form.
        """
        if self.body_was_read:
            raise RuntimeError("the body was read before the upload was let in")
        self._armed = True
        self._sink = sink

    @property
    def body_was_read(self) -> bool:
        return "form" in self.__dict__ or "stream" in self.__dict__

    def forget_torn_body(self) -> None:
        """After a refusal: a page that is shown now sees an empty form.

        Without this, looking at `form` would read what is left of the body, and fail again.
        """
        if "form" not in self.__dict__:
            self.form = ImmutableMultiDict()
            self.files = ImmutableMultiDict()

    def make_form_data_parser(self) -> FormDataParser:
        """Reads 64 KiB at a time, as MultiPartParser does unless told otherwise."""
        parser = super().make_form_data_parser()
        parser.silent = not self._armed
        return parser

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - Werkzeug's signature
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,  # noqa: ARG002 - Werkzeug's signature
    ) -> IO[bytes]:
        if not filename:
            return cast(IO[bytes], _EmptyPart())
        if not self._armed:
            raise FileNotExpected
        if self._sink is None:
            raise MoreThanOneFile
        sink, self._sink = self._sink, None
        return sink(filename, content_type)


@contextmanager
def receive(request: Request, *, limit: int, seal: Callable[[], Seal]) -> Iterator[Received]:
    """Takes the one file of a form in: sealed, durable, and gone again unless settled.

    `limit` is in bytes of plaintext. `seal` is called once, after the cheap refusals and before
    the body is read. It must leave no database transaction open. Inside the block
    `request.form` has the other fields. Raises UploadRefused in its kinds, StoreUnavailable.
    """
    with _torn_body_forgotten(request):
        announced = _announced(request, limit)
        what = seal()
    with what.writer:
        sink = SealingSink(what, limit)
        with _torn_body_forgotten(request):
            _read(request, sink, announced)
            received = sink.finish()
        yield received


def receive_small(request: Request, *, limit: int) -> Held:
    """Takes the one file of a form into memory; `limit` in bytes, refused by what is announced.

    Afterwards `request.form` has the other fields. Raises UploadRefused in its kinds.
    """
    with _torn_body_forgotten(request):
        sink = MemorySink(limit)
        _read(request, sink, _announced(request, limit))
        return sink.finish()


@contextmanager
def _torn_body_forgotten(request: Request) -> Iterator[None]:
    try:
        yield
    except BaseException:
        request.forget_torn_body()
        raise


def _announced(request: Request, limit: int) -> int:
    """The announced length of the body, if it is acceptable; nothing was read yet."""
    if "HTTP_TRANSFER_ENCODING" in request.environ or request.content_length is None:
        raise ChunkedRefused
    if request.content_length > limit + FORM_BYTES:
        raise UploadTooLarge(limit)
    if request.mimetype != "multipart/form-data" or not request.content_length:
        raise NoFile
    if request.body_was_read:
        raise RuntimeError("the body was read before the upload was let in")
    return request.content_length


def _read(request: Request, sink: Sink, announced: int) -> None:
    request.environ["wsgi.input"] = _MeteredBody(request.environ["wsgi.input"], announced, sink)
    # One more than will come: at its limit exactly, Werkzeug takes a body for too large.
    request.max_content_length = announced + 1
    request.max_form_parts = FORM_PARTS
    request.arm(sink.open)
    try:
        request.form  # noqa: B018 - reading the attribute parses the body
    except ValueError as fault:
        raise FormBroken from fault
