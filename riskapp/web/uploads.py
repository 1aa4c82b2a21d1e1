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

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol, cast

import flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.formparser import FormDataParser

from riskapp.web.metered import MeteredBody
from riskapp.web.sinks import FORM_BYTES, Held, MemorySink, Received, Seal, SealingSink, Sink
from riskapp.web.upload_errors import (
    ChunkedRefused,
    FileNotExpected,
    FormBroken,
    MoreThanOneFile,
    NoFile,
    UploadTooLarge,
)

FORM_PARTS = 64
"""How many parts a form with a file may have"""
PLAIN_BODY_BYTES = 4 * 1024 * 1024
"""The longest body of a request without a file"""


class SinkFactory(Protocol):
    def __call__(self, filename: str, content_type: str | None) -> IO[bytes]: ...


class _EmptyPart:
    """A file field in which nothing was chosen: browsers send it without a name and bytes."""

    def write(self, data: bytes) -> None:
        if data:
            raise FileNotExpected

    def seek(self, offset: int) -> None:
        """The parser rewinds what it wrote."""

    def close(self) -> None:
        """Holds nothing."""


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
        sink = SealingSink(what, limit, announced)
        try:
            with _torn_body_forgotten(request):
                _read(request, sink, announced)
                received = sink.finish()
        finally:
            sink.abort()
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
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    request.environ["wsgi.input"] = MeteredBody(
        request.environ["wsgi.input"], announced, sink, boundary
    )
    request.environ["wsgi.input_terminated"] = True  # it ends by itself, whatever the server's does
    # One more than will come: at its limit exactly, Werkzeug takes a body for too large.
    request.max_content_length = announced + 1
    request.max_form_parts = FORM_PARTS
    request.arm(sink.open)
    try:
        request.form  # noqa: B018 - reading the attribute parses the body
    except ValueError as fault:
        raise FormBroken from fault
