import hashlib
import os
import tempfile
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import create_environ, run_wsgi_app

from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.crypto.keyring import Wrapped
from riskapp.core.crypto.sealed import context, new_key, unseal
from riskapp.core.ids import new_id
from riskapp.core.storage.local import LocalFolder
from riskapp.core.storage.port import StoreUnavailable
from riskapp.web.upload_errors import UploadCutShort, UploadRefused, UploadTooLarge
from riskapp.web.uploads import FORM_BYTES, PLAIN_BODY_BYTES, Received, Request, Seal, receive

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
            return Seal(key, CONTEXT, self.store.create(new_id()))

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


@pytest.fixture
def cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Afterwards nothing in clear lies anywhere that the application could write."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    cast = Cast(tmp_path)
    yield cast
    assert list(scratch.iterdir()) == []
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET not in path.read_bytes()


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

    def to(self, cast: Cast) -> Answer:
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


@pytest.mark.parametrize("terminated", [False, True])
@pytest.mark.parametrize("size", [0, 1, 65_536, LIMIT - 1, LIMIT])
def test_a_whole_upload_is_kept_sealed_and_described(
    cast: Cast, size: int, terminated: bool
) -> None:
    data = (SECRET * (size // len(SECRET) + 1))[:size]
    posted = body(part("file", data, "Bericht.pdf"), part("note", b"hello"))
    answer = Post("/evidence", posted, terminated=terminated).to(cast)
    assert (answer.status, answer.text) == (200, "hello")
    ((received, _),) = cast.rows
    stored = b"".join(cast.store.read(received.blob_name))
    assert received.size == size
    assert received.sha256 == hashlib.sha256(data).hexdigest()
    assert received.crc32 == zlib.crc32(data)
    assert received.sealed_sha256 == hashlib.sha256(stored).hexdigest()
    assert received.sealed_size == len(stored)
    assert received.head == data[:8192]
    assert (received.filename, received.content_type) == ("Bericht.pdf", "application/pdf")
    assert list(cast.store.names()) == [received.blob_name] == cast.blobs()
    assert cast.opened() == data


@pytest.mark.parametrize(
    "name", ["日本語.pdf", "../../etc/passwd", "C:\\Users\\vera\\a.pdf", "x" * 300 + ".pdf"]
)
def test_names_never_reach_the_store(cast: Cast, name: str) -> None:
    posted = body(part("file", SECRET, name.replace("\\", "\\\\")))
    assert Post("/evidence", posted).to(cast).status == 200
    ((received, _),) = cast.rows
    assert received.filename == name
    assert cast.blobs() == [received.blob_name]
    assert len(received.blob_name) == 32


def test_fields_before_and_after_the_file_are_both_there(cast: Cast) -> None:
    seen: dict[str, str] = {}
    cast.during = lambda _: seen.update(flask.request.form)
    posted = body(part("a", b"1"), part("file", SECRET, "a.pdf"), part("b", b"2"))
    assert Post("/evidence", posted).to(cast).status == 200
    assert seen == {"a": "1", "b": "2"}


def test_the_file_is_durable_but_unsettled_while_the_view_decides(cast: Cast) -> None:
    sizes: list[int] = []
    listed: list[str] = []

    def look(received: Received) -> None:
        sizes.append(cast.store.size(received.blob_name))
        listed.extend(cast.store.names())

    cast.during = look
    assert Post("/evidence", body(FILE)).to(cast).status == 200
    assert sizes == [cast.rows[0][0].sealed_size]
    assert listed == []


@pytest.mark.parametrize("terminated", [False, True])
@pytest.mark.parametrize("arrived", [0, 1, 60, 150, 300_000, -1])
@pytest.mark.parametrize("fault", [None, ConnectionResetError("gone")])
def test_a_body_that_breaks_off_leaves_nothing(
    cast: Cast, arrived: int, terminated: bool, fault: OSError | None
) -> None:
    posted = body(part("file", SECRET * 20_000, "a.pdf"))
    sent = posted[:arrived]
    post = Post("/evidence", sent, length=len(posted), terminated=terminated, breaks_with=fault)
    assert post.to(cast).status == 400
    (refusal,) = cast.refused
    assert isinstance(refusal, UploadCutShort)
    assert (refusal.announced, refusal.received) == (len(posted), len(sent))
    assert nothing_kept(cast)


def test_a_body_that_is_short_but_ends_like_a_form_leaves_nothing(cast: Cast) -> None:
    posted = body(FILE)
    assert Post("/evidence", posted, length=len(posted) + 1).to(cast).status == 400
    assert isinstance(cast.refused[0], UploadCutShort)
    assert nothing_kept(cast)


@pytest.mark.parametrize(
    "posted",
    [
        part("file", SECRET * 9000, "a.pdf"),  # no end
        b"no form at all",
        body(FILE).replace(b"Content-Disposition", b"Content-Nonsense"),
        body(FILE).replace(b'name="file"', b'name="\xff\xfe"'),
    ],
    ids=["no end", "no form", "no disposition", "headers not UTF-8"],
)
def test_a_body_that_is_no_form_leaves_nothing(cast: Cast, posted: bytes) -> None:
    answer = Post("/evidence", posted).to(cast)
    assert (answer.status, "cannot be read as a form" in answer.text) == (400, True)
    assert nothing_kept(cast)


def test_a_form_without_a_boundary_leaves_nothing(cast: Cast) -> None:
    post = Post("/evidence", body(part("file", SECRET, "a")), content_type="multipart/form-data")
    assert post.to(cast).status == 400
    assert nothing_kept(cast)


def test_one_byte_over_the_limit_is_too_large(cast: Cast) -> None:
    posted = body(part("file", b"x" * (LIMIT + 1), "a.pdf"))
    answer = Post("/evidence", posted).to(cast)
    assert answer.status == 413
    (refusal,) = cast.refused
    assert isinstance(refusal, UploadTooLarge)
    assert refusal.limit == LIMIT
    assert nothing_kept(cast)


def test_an_announced_size_over_the_limit_is_refused_unread_and_costs_no_key(cast: Cast) -> None:
    answer = Post("/evidence", b"x" * 9, length=LIMIT + FORM_BYTES + 1).to(cast)
    assert answer.status == 413
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)
    assert nothing_kept(cast)


def test_a_body_without_a_length_is_refused_unread(cast: Cast) -> None:
    answer = Post("/evidence", body(FILE), length=-1).to(cast)
    assert answer.status == 411
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)


def test_a_chunked_body_is_refused_unread_even_with_a_length(cast: Cast) -> None:
    post = Post(
        "/evidence",
        body(FILE),
        headers={"Transfer-Encoding": "chunked"},
    )
    answer = post.to(cast)
    assert answer.status == 411
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "application/x-www-form-urlencoded", "", "multipart/mixed"]
)
def test_a_body_that_is_not_a_form_with_files_is_refused_unread(
    cast: Cast, content_type: str
) -> None:
    answer = Post("/evidence", SECRET, content_type=content_type).to(cast)
    assert (answer.status, "No file was sent" in answer.text) == (400, True)
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part("note", b"x")],
        [part("file", b"a field is not a file")],
        [part("file", b"", "")],
        [part("file", b"", ""), part("note", b"x")],
    ],
)
def test_a_form_without_a_chosen_file_has_no_file(cast: Cast, parts: list[bytes]) -> None:
    answer = Post("/evidence", body(*parts)).to(cast)
    assert (answer.status, "No file was sent" in answer.text) == (400, True)
    assert nothing_kept(cast)


def test_a_file_beside_an_empty_file_field_is_taken(cast: Cast) -> None:
    posted = body(part("other", b"", ""), part("file", SECRET, "a.pdf"), part("third", b"", ""))
    assert Post("/evidence", posted).to(cast).status == 200
    assert cast.opened() == SECRET


def test_a_second_file_refuses_both(cast: Cast) -> None:
    large = SECRET * 20_000
    posted = body(part("file", SECRET, "a.pdf"), part("file", large, "b.pdf"))
    answer = Post("/evidence", posted).to(cast)
    assert (answer.status, "Only one file" in answer.text) == (400, True)
    assert nothing_kept(cast)


@pytest.mark.parametrize("filename", ["a.pdf", ""])
def test_a_page_that_takes_no_files_refuses_them_and_writes_nothing(
    cast: Cast, filename: str
) -> None:
    posted = body(part("file", SECRET * 20_000, filename), part("note", b"x"))
    answer = Post("/plain", posted).to(cast)
    assert (answer.status, "does not take files" in answer.text) == (400, True)
    assert nothing_kept(cast)


def test_a_page_that_takes_no_files_takes_a_form_with_an_empty_file_field(cast: Cast) -> None:
    answer = Post("/plain", body(part("file", b"", ""), part("note", b"x"))).to(cast)
    assert (answer.status, answer.text.strip()) == (200, '{"note":"x"}')


@pytest.mark.parametrize("content_type", [TYPE, "application/x-www-form-urlencoded"])
def test_bodies_without_a_file_are_bounded(cast: Cast, content_type: str) -> None:
    post = Post("/plain", b"a=" + b"x" * PLAIN_BODY_BYTES, content_type=content_type)
    answer = post.to(cast)
    assert (answer.status, answer.wire.read_bytes) == (413, 0)


@pytest.mark.parametrize(
    "parts",
    [
        [FILE, part("note", b"x" * (FORM_BYTES + 1))],
        [FILE, *[part("note", b"x" * 100_000)] * 4],
        [FILE, *[part("note", b"x")] * 100],
        [b"x" * (FORM_BYTES + 1) + b"\r\n", FILE],
        [FILE, part("a" * (FORM_BYTES + 1), b"x")],
    ],
    ids=["one long field", "long fields together", "many fields", "preamble", "headers"],
)
def test_what_surrounds_the_file_is_bounded(cast: Cast, parts: list[bytes]) -> None:
    posted = body(*parts)
    assert Post("/evidence", posted).to(cast).status == 413
    assert nothing_kept(cast)


def test_a_view_that_fails_leaves_nothing(cast: Cast) -> None:
    def fails(received: Received) -> None:
        raise LookupError(received.blob_name)

    cast.during = fails
    with pytest.raises(LookupError):
        Post("/evidence", body(FILE)).to(cast)
    assert nothing_kept(cast)


def test_a_view_that_says_no_leaves_nothing(cast: Cast) -> None:
    cast.during = lambda _: flask.abort(404)
    assert Post("/evidence", body(FILE)).to(cast).status == 404
    assert nothing_kept(cast)


def test_a_process_that_is_told_to_stop_leaves_nothing(cast: Cast) -> None:
    class Stopped(Wire):
        def read(self, size: int = -1) -> bytes:
            if self.read_bytes > 100_000:
                raise SystemExit
            return super().read(size)

    environ = create_environ("/evidence", method="POST")
    posted = body(part("file", SECRET * 20_000, "a.pdf"))
    environ |= {
        "wsgi.input": Stopped(posted),
        "CONTENT_TYPE": TYPE,
        "CONTENT_LENGTH": str(len(posted)),
    }
    with pytest.raises(SystemExit):
        run_wsgi_app(cast.app, environ, buffered=True)
    assert nothing_kept(cast)


@pytest.mark.parametrize(
    "reads", [lambda: flask.request.form, lambda: flask.request.stream], ids=["form", "stream"]
)
def test_a_body_read_before_it_was_let_in_is_the_programmers_error(
    cast: Cast, reads: Callable[[], object]
) -> None:
    cast.before = reads
    with pytest.raises(RuntimeError, match="was read before"):
        Post("/evidence", body(part("note", b"x"))).to(cast)
    assert cast.sealed == 0


def test_a_full_disk_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device", fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        Post("/evidence", body(FILE)).to(cast)
    assert nothing_kept(cast)


@pytest.mark.parametrize("byte", [b"\r", b"\n", b"-", b" "])
def test_files_that_look_like_line_ends_and_boundaries_arrive_as_sent(
    cast: Cast, byte: bytes
) -> None:
    data = byte * 200_000 + f"\r\n--{BOUNDARY}x".encode() * 100 + f"--{BOUNDARY}".encode() + byte
    assert Post("/evidence", body(part("file", data, "a.pdf"))).to(cast).status == 200
    assert cast.opened() == data


class Endless:
    """A large body that is made while it is read, so that only the application takes memory."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.ahead, self.rest, self.tail = head, size, tail
        self.length = len(head) + size + len(tail)

    def read(self, size: int) -> bytes:
        if not self.ahead and self.rest:
            made = min(self.rest, 65_536)
            self.rest -= made
            self.ahead = bytes(made)
        if not self.ahead:
            self.ahead, self.tail = self.tail, b""
        piece, self.ahead = self.ahead[:size], self.ahead[size:]
        return piece


def test_memory_stays_flat_however_large_the_file_is(tmp_path: Path) -> None:
    store, size = LocalFolder(tmp_path), 64 << 20
    whole = body(part("file", b"|", "a.bin"))
    head, tail = whole.split(b"|")
    wire = Endless(head, size, tail)
    environ = create_environ("/", method="POST") | {
        "wsgi.input": wire,
        "CONTENT_TYPE": TYPE,
        "CONTENT_LENGTH": str(wire.length),
    }
    tracemalloc.start()
    try:
        seal = Seal(new_key(), CONTEXT, store.create(new_id()))
        with receive(Request(environ), limit=size, seal=lambda: seal) as received:
            assert received.size == size
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert list(store.names()) == []
