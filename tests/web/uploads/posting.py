"""A small application that takes files, and posts to it as a WSGI server hands them over."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import flask
from werkzeug.test import create_environ, run_wsgi_app

from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.crypto.keyring import Wrapped
from riskapp.core.crypto.sealed import context, new_key, unseal
from riskapp.core.ids import new_id
from riskapp.core.scanning import Scanner
from riskapp.core.storage.local import LocalFolder
from riskapp.web.sinks import Received, Seal
from riskapp.web.upload_errors import UploadRefused
from riskapp.web.uploads import Request, receive

LIMIT = 1 << 20
BOUNDARY = "the-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
CONTEXT = context("vendor", "evidence", 1)
SECRET = b"plaintext-that-must-not-lie-on-disk. "


class Cast:
    """A small application with a page that takes files and one that does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = LocalFolder(folder / "blobs")
        self.keyring = FileKeyring(folder / "keys" / "keyring.json")
        self.rows: list[tuple[Received, Wrapped]] = []
        self.refused: list[UploadRefused] = []
        self.sealed = 0
        self.scanner: Scanner | None = None
        self.tail_bytes = 0
        self.during: Callable[[Received], object] = lambda _: None
        self.before: Callable[[], object] = lambda: None
        self.app = flask.Flask(__name__)
        self.app.testing = True
        self.app.request_class = Request
        self.app.add_url_rule("/evidence", "evidence", self.evidence, methods=["POST"])
        self.app.add_url_rule("/plain", "plain", self.plain, methods=["POST"])

    def evidence(self) -> str:
        self.before()
        request = flask.request
        assert isinstance(request, Request)
        key = new_key()

        def seal() -> Seal:
            self.sealed += 1
            blob = self.store.create(new_id())
            return Seal(key, CONTEXT, blob, self.scanner, lambda _: self.tail_bytes)

        try:
            with receive(request, limit=LIMIT, seal=seal) as received:
                self.during(received)
                self.rows.append((received, self.keyring.wrap(key)))
                received.settle()
        except UploadRefused as refusal:
            self.refused.append(refusal)
            request.form.get("note")  # a page that shows the form again must be able to
            raise
        return request.form.get("note", "")

    def plain(self) -> dict[str, str]:
        return dict(flask.request.form)

    def opened(self) -> bytes:
        ((received, wrapped),) = self.rows
        return b"".join(
            unseal(self.keyring.unwrap(wrapped), CONTEXT, self.store.read(received.blob_name))
        )

    def blobs(self) -> list[str]:
        return [path.name for path in self.store._root.rglob("*") if path.is_file()]


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"\r\nContent-Type: application/pdf' if filename else ""
    if filename == "":
        named = '; filename=""\r\nContent-Type: application/octet-stream'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@dataclass
class Wire:
    """What the server hands over: short reads, an end or an error wherever the client stopped."""

    data: bytes
    breaks_with: OSError | None = None
    read_bytes: int = 0

    def read(self, size: int = -1) -> bytes:
        size = len(self.data) if size < 0 else min(size, 30_000)
        piece = self.data[self.read_bytes : self.read_bytes + size]
        self.read_bytes += len(piece)
        if not piece and self.breaks_with:
            raise self.breaks_with
        return piece


@dataclass
class Answer:
    status: int
    text: str
    wire: Wire


class Serves(Protocol):
    """Whatever has an application to post to."""

    app: flask.Flask


@dataclass
class Post:
    """A call of the application as a WSGI server makes it."""

    path: str
    data: bytes
    length: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    terminated: bool = True
    breaks_with: OSError | None = None
    content_type: str = TYPE

    def to(self, cast: Serves) -> Answer:
        wire = Wire(self.data, self.breaks_with)
        environ: dict[str, Any] = create_environ(self.path, method="POST", headers=self.headers)
        environ["wsgi.input"] = wire
        environ["CONTENT_TYPE"] = self.content_type
        environ["CONTENT_LENGTH"] = str(len(self.data) if self.length is None else self.length)
        if self.length == -1:
            del environ["CONTENT_LENGTH"]
        if self.terminated:
            environ["wsgi.input_terminated"] = True
        chunks, status, _ = run_wsgi_app(cast.app, environ, buffered=True)
        return Answer(int(status.split()[0]), b"".join(chunks).decode(), wire)


FILE = part("file", SECRET, "a.pdf")


def nothing_kept(cast: Cast) -> bool:
    return cast.blobs() == [] and cast.rows == []
