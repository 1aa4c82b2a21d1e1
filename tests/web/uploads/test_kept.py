"""Uploads that are taken: whole, sealed, described, in flat memory."""

import hashlib
import tracemalloc
import zlib
from pathlib import Path

import flask
import pytest
from werkzeug.test import create_environ

from riskapp.core.crypto.sealed import new_key
from riskapp.core.ids import new_id
from riskapp.core.storage.local import LocalFolder
from riskapp.web.sinks import Received, Seal
from riskapp.web.uploads import Request, receive
from tests.web.uploads.posting import (
    BOUNDARY,
    CONTEXT,
    FILE,
    LIMIT,
    SECRET,
    TYPE,
    Cast,
    Post,
    body,
    part,
)


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
    assert received.seal == stored[:56].hex()
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


def test_a_file_beside_an_empty_file_field_is_taken(cast: Cast) -> None:
    posted = body(part("other", b"", ""), part("file", SECRET, "a.pdf"), part("third", b"", ""))
    assert Post("/evidence", posted).to(cast).status == 200
    assert cast.opened() == SECRET


def test_a_page_that_takes_no_files_takes_a_form_with_an_empty_file_field(cast: Cast) -> None:
    answer = Post("/plain", body(part("file", b"", ""), part("note", b"x"))).to(cast)
    assert (answer.status, answer.text.strip()) == (200, '{"note":"x"}')


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
